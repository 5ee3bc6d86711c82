namespace MacRunners.Telemetry;

/// <summary>How a reserved job ended, as far as the daemon knows. Whether it passed is between the agent and Buildkite.</summary>
internal enum JobOutcome
{
    /// <summary>The agent ran it to its end, whatever its exit status.</summary>
    Finished,

    /// <summary>Cancelled at Buildkite.</summary>
    Cancelled,

    /// <summary>It exceeded <see cref="Settings.JobsOptions.Timeout"/>.</summary>
    TimedOut,

    /// <summary>Cancelled because the daemon had to stop.</summary>
    Stopped,

    /// <summary>Another agent took it, or it ended, before ours could.</summary>
    TakenElsewhere,

    /// <summary>No agent ever took it: no account, no token, the agent did not start or not in time.</summary>
    NotStarted,

    /// <summary>The agent was lost (killed, crashed) and Buildkite did not tell how the job ended.</summary>
    Lost,
}
