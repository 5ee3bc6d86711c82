using MacRunners.Health;

namespace MacRunners.Tests.Health;

/// <summary>A dispatcher that says what the test wants.</summary>
internal sealed class FakeDispatcher : IDispatcherStatus
{
    public DispatcherState State { get; set; } = DispatcherState.Running;

    public DateTimeOffset? LastSuccessfulPoll { get; set; }

    public TimeSpan? SinceLastSuccessfulPoll { get; set; }

    public string? LastError { get; set; }

    public int FailedPolls { get; set; }

    public bool ReadyForJobs { get; set; } = true;

    public bool HasSettled { get; set; } = true;

    public IReadOnlyList<RunningJob> RunningJobs { get; set; } = [];

    public IReadOnlyList<EndedJob> RecentJobs { get; set; } = [];
}
