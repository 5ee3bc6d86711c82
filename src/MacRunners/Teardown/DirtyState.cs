using MacRunners.Health;
using MacRunners.Jobs.Journal;

namespace MacRunners.Teardown;

/// <summary>
/// Whether something of a job may still be on the machine. While it is, no job is taken. Kept in the journal, so neither
/// a crash nor a restart forgets it; only a complete teardown with its proof ends it.
/// </summary>
internal sealed partial class DirtyState(JournalFile journal, ILogger<DirtyState> logger) : IDirtyState
{
    /// <inheritdoc/>
    public string? Reason => journal.Dirty?.Reason;

    /// <inheritdoc/>
    public DateTimeOffset? Since => journal.Dirty?.At;

    /// <summary>Whether jobs must not be taken.</summary>
    public bool IsDirty => journal.Dirty is not null;

    /// <summary>Poisons the machine.</summary>
    public void Enter(Guid? job, string reason)
    {
        journal.Append(at => new MachineDirty(at, job, reason));
        Poisoned(logger, reason);
    }

    /// <summary>Everything was torn down again and proven gone.</summary>
    public void Leave()
    {
        if (IsDirty)
        {
            journal.Append(at => new MachineClean(at));
            CleanAgain(logger);
        }
    }

    [LoggerMessage(1241, LogLevel.Critical, "The machine is dirty and takes no further job: {Reason}. Remove the cause and restart macrunners (it tears down again and proves it), or recycle the machine")]
    private static partial void Poisoned(ILogger logger, string reason);

    [LoggerMessage(1242, LogLevel.Warning, "The machine is clean again and takes jobs")]
    private static partial void CleanAgain(ILogger logger);
}
