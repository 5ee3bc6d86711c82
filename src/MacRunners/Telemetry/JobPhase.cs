namespace MacRunners.Telemetry;

/// <summary>The parts of a job's life whose durations are measured, in their order.</summary>
internal enum JobPhase
{
    /// <summary>From the job's being runnable at Buildkite until its reservation.</summary>
    QueueWait,

    /// <summary>The reservation.</summary>
    Reserve,

    /// <summary>Account, group and home come into being.</summary>
    Account,

    /// <summary>From the agent's start until it has acquired the job.</summary>
    AgentStart,

    /// <summary>From the acquisition until the agent has left.</summary>
    Run,

    /// <summary>Processes of the user are killed until none is left.</summary>
    Kill,

    /// <summary>Home to the trash, shared places, IPC, mounts.</summary>
    Sweep,

    /// <summary>Account and group are deleted.</summary>
    Delete,

    /// <summary>The proof that nothing is left.</summary>
    Prove,
}
