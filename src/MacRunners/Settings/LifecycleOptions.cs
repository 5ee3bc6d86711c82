using System.ComponentModel;

namespace MacRunners.Settings;

/// <summary>Section <c>Lifecycle</c>: how the daemon ends.</summary>
internal sealed class LifecycleOptions
{
    /// <summary>Time for running jobs after SIGTERM.</summary>
    [Description("Time running jobs get after the first SIGTERM before they are cancelled; a second SIGTERM cancels at once")]
    [DurationRange("00:00:00", "1.00:00:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromMinutes(4);

    /// <summary>How late a part of the daemon may be before it counts as stuck; zero for never.</summary>
    [Description("How long the dispatcher or a job may exceed every limit of its own before the daemon counts as stuck and kills itself, to be started again; running jobs go on. 00:00:00 for never")]
    [DurationRange("00:00:00", "1.00:00:00")]
    public TimeSpan WatchdogTimeout { get; set; } = TimeSpan.FromMinutes(15);
}
