using System.ComponentModel;

namespace MacRunners.Settings;

/// <summary>Section <c>Teardown</c>: what happens after a job.</summary>
internal sealed class TeardownOptions
{
    /// <summary>Time for killing every process of the job.</summary>
    [Description("Time in which every process of a job must be gone, else the machine is dirty")]
    [DurationRange("00:00:01", "00:10:00")]
    public TimeSpan KillBudget { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Further world-writable folders.</summary>
    [Description("Further folders that jobs can write to, swept like /tmp; absolute, root-owned")]
    public string[] SharedPlaces { get; set; } = [];
}
