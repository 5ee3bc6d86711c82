namespace MacRunners.Health;

/// <summary>Whether the machine has shown that it can run jobs. Never blocks.</summary>
internal interface ISelfTestState
{
    /// <summary>Why it counts as unable, for people, without names of jobs; null when it has passed its latest test and no later failures speak against it.</summary>
    string? Problem { get; }

    /// <summary>Whether the first test after the daemon's start is still to pass and has not failed.</summary>
    bool IsPending { get; }

    /// <summary>When the latest test passed; null before the first.</summary>
    DateTimeOffset? PassedAt { get; }

    /// <summary>Jobs in a row that could not be started by this machine's own fault.</summary>
    int FailuresInARow { get; }
}
