namespace MacRunners.Simulator.Soak.Schedules;

/// <summary>A job of a schedule that was queued.</summary>
/// <param name="planned">What it is.</param>
/// <param name="id">Its id at Buildkite.</param>
/// <param name="cancelledAt">When it is cancelled, whatever has become of it; null: not at a certain time.</param>
internal sealed class QueuedJob(ScheduledJob planned, string id, TimeSpan? cancelledAt)
{
    /// <summary>What it is.</summary>
    public ScheduledJob Planned { get; } = planned;

    /// <summary>Its id at Buildkite.</summary>
    public string Id { get; } = id;

    /// <summary>When it is cancelled, whatever has become of it.</summary>
    public TimeSpan? CancelledAt { get; } = cancelledAt;

    /// <summary>Whether it was cancelled.</summary>
    public bool IsCancelled { get; set; }
}
