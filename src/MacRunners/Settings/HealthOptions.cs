using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MacRunners.Settings;

/// <summary>Section <c>Health</c>: when <c>/health</c> turns red.</summary>
internal sealed class HealthOptions
{
    /// <summary>Free bytes below which a volume is unhealthy; below twice as many it is degraded.</summary>
    [Description("Free bytes on the volumes of Paths:State and Paths:Homes below which no job is taken and the machine is unhealthy; degraded below twice as many")]
    [Range(0, 1125899906842624)]
    public long MinFreeBytes { get; set; } = 5L * 1024 * 1024 * 1024;

    /// <summary>Files below which a volume is unhealthy; below twice as many it is degraded.</summary>
    [Description("How many files the volumes of Paths:State and Paths:Homes must still be able to take (free inodes); below, no job is taken and the machine is unhealthy; degraded below twice as many")]
    [Range(0, 1_000_000_000)]
    public long MinFreeInodes { get; set; } = 50_000;

    /// <summary>Available memory below which the machine is degraded.</summary>
    [Description("Available bytes of memory below which the machine is degraded")]
    [Range(0, 1125899906842624)]
    public long MinFreeMemoryBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Size of the system's database of background tasks above which no job is taken.</summary>
    [Description("macOS: bytes of the system's database of background tasks above which no job is taken and the machine asks to be replaced; it grows with each account, and its service crashes from about 4 MB. 0 for no limit")]
    [Range(0, 1125899906842624)]
    public long MaxBackgroundTaskBytes { get; set; } = 2560 * 1024;

    /// <summary>Time without a good poll after which Buildkite counts as lost.</summary>
    [Description("Time without a successful poll after which the machine is unhealthy (at least six Buildkite:BusyPollInterval and one Buildkite:RequestTimeout are granted, so that one poll may fail)")]
    [DurationRange("00:00:05", "01:00:00")]
    public TimeSpan PollSilence { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Pause between looks at the machine.</summary>
    [Description("Pause between refreshes of the cheap checks; checks that start programs run less often")]
    [DurationRange("00:00:00.100", "00:01:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(2);
}
