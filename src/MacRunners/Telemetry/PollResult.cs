namespace MacRunners.Telemetry;

/// <summary>How a poll for scheduled jobs ended.</summary>
internal enum PollResult
{
    /// <summary>Buildkite answered.</summary>
    Answered,

    /// <summary>Buildkite answered that the queue is paused.</summary>
    Paused,

    /// <summary>Buildkite asked for patience (429).</summary>
    Throttled,

    /// <summary>No answer, or one that makes no sense.</summary>
    Failed,
}
