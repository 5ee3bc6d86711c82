namespace MacRunners.Telemetry;

/// <summary>How a reserved job ended, as far as the daemon knows.</summary>
internal enum JobOutcome
{
    /// <summary>The agent ran it and it passed.</summary>
    Passed,

    /// <summary>The agent ran it and it failed.</summary>
    Failed,

    /// <summary>Cancelled at Buildkite or by the daemon's stop.</summary>
    Cancelled,

    /// <summary>It exceeded <see cref="Settings.JobsOptions.Timeout"/>.</summary>
    TimedOut,

    /// <summary>No agent ever took it: no account, no token, the agent did not start or not in time.</summary>
    NotStarted,

    /// <summary>The agent was lost (killed, crashed) and Buildkite did not tell how the job ended.</summary>
    Lost,
}
