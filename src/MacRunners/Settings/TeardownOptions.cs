using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MacRunners.Settings;

/// <summary>Section <c>Teardown</c>: what is swept after a job. Its time limits are in <see cref="JobsOptions"/>.</summary>
internal sealed class TeardownOptions
{
    /// <summary>Further world-writable folders.</summary>
    [Description("Further folders that jobs can write to, swept like /tmp; absolute, root-owned")]
    public string[] SharedPlaces { get; set; } = [];

    /// <summary>Whether a change of the system's own files while jobs run makes the machine dirty.</summary>
    [Description("Whether the machine is dirty when files that only root may change (sudoers, cron, services, …) changed while a job ran. Off where a configuration management changes them at any time")]
    public bool Tripwire { get; set; } = true;

    /// <summary>Further files and folders for the tripwire.</summary>
    [Description("Further files and folders that nobody may change while a job runs; absolute")]
    public string[] ProtectedFiles { get; set; } = [];

    /// <summary>Entries of the trash above which no job is taken; zero: no limit.</summary>
    [Description("Entries of the trash (homes of ended jobs, and their folders while they are emptied) above which no job is taken until fewer are left; 0 for no limit. Their bytes count against Health:MinFreeBytes")]
    [Range(0, 10_000_000)]
    public int MaxTrashEntries { get; set; } = 50_000;

    /// <summary>Time between two looks through whole volumes; zero: none.</summary>
    [Description("Time between two looks through whole volumes for files of earlier jobs, and from the daemon's start to the first, while no job runs; 0 turns them off")]
    [DurationRange("00:00:00", "30.00:00:00")]
    public TimeSpan DeepScanInterval { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Longest time of one such look; the next one goes on where it stopped.</summary>
    [Description("Longest time of such a look; the next one goes on where it stopped")]
    [DurationRange("00:00:10", "1.00:00:00")]
    public TimeSpan DeepScanBudget { get; set; } = TimeSpan.FromMinutes(30);
}
