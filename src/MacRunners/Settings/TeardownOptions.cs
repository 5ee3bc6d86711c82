using System.ComponentModel;

namespace MacRunners.Settings;

/// <summary>Section <c>Teardown</c>: what is swept after a job. Its time limits are in <see cref="JobsOptions"/>.</summary>
internal sealed class TeardownOptions
{
    /// <summary>Further world-writable folders.</summary>
    [Description("Further folders that jobs can write to, swept like /tmp; absolute, root-owned")]
    public string[] SharedPlaces { get; set; } = [];
}
