using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MacRunners.Settings;

/// <summary>Section <c>Http</c>: <c>/health</c> and <c>/metrics</c>.</summary>
internal sealed class HttpOptions
{
    /// <summary>TCP port; 0 picks a free one.</summary>
    [Description("TCP port of /health and /metrics; 0 picks a free one (logged at start)")]
    [Range(0, 65535)]
    public int Port { get; set; } = 8080;

    /// <summary>Addresses to listen on.</summary>
    [Description("IP addresses to listen on; empty: all, both families")]
    public string[] Addresses { get; set; } = [];

    /// <summary>Whether the status page names jobs.</summary>
    [Description("Show job ids on the status page")]
    public bool ShowJobs { get; set; }
}
