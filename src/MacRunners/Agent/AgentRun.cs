using MacRunners.Platform;

namespace MacRunners.Agent;

/// <summary>
/// A job's agent as the journal knows it: enough to take it up again after the daemon was gone. Clock readings are
/// <see cref="TimeProvider.GetTimestamp"/>, which counts from the boot and so means the same to every run of the daemon in it, whatever
/// happens to the wall clock.
/// </summary>
/// <param name="Process">Its process.</param>
/// <param name="StartedAt">Clock reading at its start: all its limits count from here.</param>
internal sealed record AgentRun(ProcessIdentity Process, long StartedAt)
{
    /// <summary>Clock reading when Buildkite was seen to have given it the job; null before.</summary>
    public long? AcquiredAt { get; init; }

    /// <summary>Why the daemon made it end; null while it may go on.</summary>
    public AgentEndCause? EndCause { get; init; }

    /// <summary>Clock reading when it was made to end.</summary>
    public long EndingAt { get; init; }
}
