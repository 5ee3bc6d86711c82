using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Teardown;

namespace MacRunners.Accounts;

/// <summary>
/// Accounts that an operator makes and removes without a job, by the code and through the journal of the daemon, which therefore must not
/// run meanwhile: so their numbers are never given out twice, and what is left of them is torn down at the daemon's next start.
/// </summary>
internal sealed class AccountsByHand(
    IAccountDirectory directory, AccountSearch search, JournalFile journal, JobAccounts accounts, JobTeardown teardown, Trash trash, SharedPlaces places)
{
    /// <summary>Makes account, group and home.</summary>
    /// <param name="id">Stands for a job; the account is named after it.</param>
    /// <param name="cancellationToken">Ends it between two steps; what was made is removed again.</param>
    /// <exception cref="AccountDirectoryException">It exists, or cannot be made; then nothing of it is left, or the message says what.</exception>
    /// <exception cref="IOException">The home cannot be made, or the journal cannot be written.</exception>
    /// <exception cref="ToolException">The home's volume cannot be made.</exception>
    public async Task<JobAccount> CreateAsync(Guid id, CancellationToken cancellationToken)
    {
        trash.Prepare();
        if (await search.FindAsync(id.ToString("D"), journal.OpenJobs(), cancellationToken) is { Account: not null } or { IsHalfMade: true })
        {
            var name = directory.NameFor(id);
            throw new AccountDirectoryException($"{name} exists already: remove it first (macrunners account remove {name})");
        }

        var life = new JobLife(id);
        try
        {
            await accounts.CreateAsync(life, cancellationToken);
            return life.Account!;
        }
        catch (Exception e) when (e is AccountDirectoryException or ToolException or IOException or OperationCanceledException)
        {
            var report = await teardown.RunAsync(life, _ => { }, CancellationToken.None);
            if (report.IsClean)
            {
                throw;
            }

            throw new AccountDirectoryException($"{e.Message}; and what had been made of it could not be removed: {string.Join("; ", report.Remaining)}", inner: e);
        }
    }

    /// <summary>Tears an account down and proves it gone.</summary>
    /// <exception cref="AccountDirectoryException">The name or its number is not a job's; nothing was touched. Or the directory does not answer.</exception>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public async Task<AccountRemoval> RemoveAsync(string nameOrId, CancellationToken cancellationToken)
    {
        trash.Prepare();
        var target = await search.FindAsync(nameOrId, journal.OpenJobs(), cancellationToken);
        if (target.Account is null)
        {
            if (target.IsHalfMade)
            {
                // Without a number it never had a process or a file.
                await directory.DeleteAsync(target.Name, CancellationToken.None);
            }

            return new AccountRemoval(target.Name, null, null);
        }

        var life = target.Life;
        if (life is null)
        {
            // From now on the journal knows it: what resists is taken up again at the daemon's next start.
            life = new JobLife(Guid.NewGuid()) { Account = target.Account };
            journal.Append(at => new AccountCreating(at, life.Job, target.Name, target.Account.Id, target.Account.Id, target.Account.Home));
        }

        var report = await teardown.RunAsync(life, _ => { }, CancellationToken.None);

        // Nobody else does it while no daemon runs.
        trash.Empty(places.OfTrash, cancellationToken);
        return new AccountRemoval(target.Name, target.Account.Id, report);
    }
}

/// <summary>How a removal went.</summary>
/// <param name="Name">The account's name.</param>
/// <param name="Uid">Its number; null when it had none.</param>
/// <param name="Report">What its teardown found; null when there was nothing to tear down.</param>
internal sealed record AccountRemoval(string Name, uint? Uid, TeardownReport? Report);
