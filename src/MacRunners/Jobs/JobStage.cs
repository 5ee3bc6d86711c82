namespace MacRunners.Jobs;

/// <summary>
/// Where a job stands on this machine, in the order of its life:
/// <code>
/// Reserved → AccountCreated → AgentStarted → AgentEnded → ProcessesGone → FilesGone → AccountGone → Clean
/// </code>
/// Teardown may begin at any point, so every state before <see cref="ProcessesGone"/> can go there; any state can become
/// <see cref="Dirty"/>, and a dirty job leaves that state only through another whole teardown.
/// </summary>
internal enum JobStage
{
    /// <summary>Buildkite keeps the job for this daemon; nothing exists on the machine yet.</summary>
    Reserved,

    /// <summary>Account, group and home exist.</summary>
    AccountCreated,

    /// <summary>The agent's process exists.</summary>
    AgentStarted,

    /// <summary>The agent's process has ended.</summary>
    AgentEnded,

    /// <summary>No process of the account is left.</summary>
    ProcessesGone,

    /// <summary>Home and shared places hold no file of the account.</summary>
    FilesGone,

    /// <summary>Account and group are deleted.</summary>
    AccountGone,

    /// <summary>An independent look found nothing of the job.</summary>
    Clean,

    /// <summary>Something is left, or could not be ruled out.</summary>
    Dirty,
}
