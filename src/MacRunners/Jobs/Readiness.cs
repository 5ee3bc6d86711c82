using MacRunners.Accounts;
using MacRunners.Agent;
using MacRunners.Health;
using MacRunners.Jobs.Journal;
using MacRunners.Teardown;

namespace MacRunners.Jobs;

/// <summary>
/// May this machine take a job at all? Asked before every poll: a machine that cannot run jobs must leave them to others
/// instead of failing them one after another.
/// </summary>
internal sealed class Readiness(
    AgentBinary agent, JobAccounts accounts, GuardedAccounts directory, IFenceState fence, FreeSpace space, TrashBacklog trash, GrowthWatch growth, DirtyState dirty, JournalFile journal)
{
    /// <summary>Whether the machine is dirty.</summary>
    public bool IsDirty => dirty.IsDirty;

    /// <summary>Why no job may be taken, with the remedy; null when one may.</summary>
    public async Task<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        if (dirty.Reason is { } reason)
        {
            return $"the machine is dirty: {reason}";
        }

        if (accounts.Exhausted is { } exhausted)
        {
            return exhausted;
        }

        if (directory.Unanswered is { } unanswered)
        {
            return unanswered;
        }

        if (fence.Problem is { } problem)
        {
            return $"{problem}. {fence.Remedy}";
        }

        if (space.Look() is { IsTooLittle: true } look)
        {
            return $"{look.Detail}. {look.Remedy}";
        }

        if (trash.Look() is { IsTooMuch: true } backlog)
        {
            return $"{backlog.Detail}. {backlog.Remedy}";
        }

        if (growth.Problem is { } grown)
        {
            return grown;
        }

        if (!journal.TryMakeReserve())
        {
            return "the journal has no reserve of disk space (1 MiB under Paths:State cannot be set aside), so a job could not be ended in good order. " + FreeSpace.Remedy;
        }

        try
        {
            _ = await agent.GetVersionAsync(cancellationToken);
            return null;
        }
        catch (AgentUnusableException e)
        {
            return e.Message;
        }
    }
}
