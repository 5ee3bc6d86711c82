namespace MacRunners.Health;

/// <summary>What the dispatcher says about itself. Read from other threads at any time: every answer comes from memory and never blocks.</summary>
internal interface IDispatcherStatus
{
    /// <summary>What the dispatcher is doing.</summary>
    DispatcherState State { get; }

    /// <summary>When Buildkite last answered a poll as it should; null before the first.</summary>
    DateTimeOffset? LastSuccessfulPoll { get; }

    /// <summary>How long ago that was, whatever has happened to the wall clock since.</summary>
    TimeSpan? SinceLastSuccessfulPoll { get; }

    /// <summary>Why the latest poll failed, for people and without secrets; null when it succeeded.</summary>
    string? LastError { get; }

    /// <summary>Polls in a row that failed; 0 when the latest one succeeded.</summary>
    int FailedPolls { get; }

    /// <summary>Whether a matching job would be taken this moment: polling works, a slot is free, the machine is clean, nothing is winding down.</summary>
    bool ReadyForJobs { get; }

    /// <summary>Whether it is settled with Buildkite how every job of an earlier run ended: until then one of them may be taken again.</summary>
    bool HasSettled { get; }

    /// <summary>Jobs that hold a slot, oldest first: from the reservation until the proof of cleanliness.</summary>
    IReadOnlyList<RunningJob> RunningJobs { get; }

    /// <summary>The last jobs that ended, newest first; a bounded number.</summary>
    IReadOnlyList<EndedJob> RecentJobs { get; }
}

/// <summary>States of the dispatcher. "Paused" is the queue's choice, the others are this machine's.</summary>
internal enum DispatcherState
{
    /// <summary>Reconciling the journal with the machine; no poll yet.</summary>
    Starting,

    /// <summary>Polls and takes jobs.</summary>
    Running,

    /// <summary>Polls, but the queue is paused at Buildkite.</summary>
    Paused,

    /// <summary>Takes no further job; the running ones go on (drain, retire, stop).</summary>
    Draining,

    /// <summary>Takes no further job and runs none.</summary>
    Drained,

    /// <summary>Takes no job because the machine is dirty.</summary>
    Quarantined,
}
