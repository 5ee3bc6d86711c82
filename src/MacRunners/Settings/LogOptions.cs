using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MacRunners.Settings;

/// <summary>Section <c>Log</c>.</summary>
internal sealed class LogOptions
{
    /// <summary>Least level that is written.</summary>
    [Description("Least level that is written: Verbose, Debug, Information, Warning, Error")]
    public Serilog.Events.LogEventLevel Level { get; set; } = Serilog.Events.LogEventLevel.Information;

    /// <summary>Size at which the daemon's log file rolls, bytes.</summary>
    [Description("Size in bytes at which the daemon's log file rolls (it also rolls daily)")]
    [Range(65536, 1073741824)]
    public long FileSizeBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Rolled files kept.</summary>
    [Description("Rolled files of the daemon's log that are kept")]
    [Range(1, 1000)]
    public int KeepFiles { get; set; } = 14;

    /// <summary>Jobs whose log files are kept.</summary>
    [Description("Jobs whose log files are kept; the oldest are removed first")]
    [Range(1, 100000)]
    public int KeepJobs { get; set; } = 500;
}
