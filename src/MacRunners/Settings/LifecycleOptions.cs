using System.ComponentModel;

namespace MacRunners.Settings;

/// <summary>Section <c>Lifecycle</c>: how the daemon ends.</summary>
internal sealed class LifecycleOptions
{
    /// <summary>Time for running jobs after SIGTERM.</summary>
    [Description("Time running jobs get after the first SIGTERM before they are cancelled; a second SIGTERM cancels at once")]
    [DurationRange("00:00:00", "1.00:00:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromMinutes(4);
}
