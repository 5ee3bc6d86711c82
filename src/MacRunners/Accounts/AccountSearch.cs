using MacRunners.Jobs;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Accounts;

/// <summary>Finds the account that an operator means, and refuses whatever is not a job's. Changes nothing.</summary>
internal sealed class AccountSearch(IPlatform platform, IAccountDirectory directory, AccountRange range, IOptions<PathsOptions> paths)
{
    private const string Prefix = "bk-";
    private const int DigitsOfUuid = 32;

    /// <summary>Looks in the journal, in the account database and in the homes' folder.</summary>
    /// <param name="nameOrId">Name of the account, or the job's UUID.</param>
    /// <param name="journaled">Jobs that the journal does not count as over.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AccountDirectoryException">The name or its number is not a job's, or the directory does not answer.</exception>
    public async Task<AccountTarget> FindAsync(string nameOrId, IEnumerable<JobLife> journaled, CancellationToken cancellationToken)
    {
        var id = Guid.TryParseExact(nameOrId, "D", out var parsed) ? parsed : (Guid?)null;
        var name = id is { } job ? directory.NameFor(job) : nameOrId;
        if (!IsJobName(name))
        {
            throw new AccountDirectoryException(
                $"'{nameOrId}' is neither the name of a job's account ({directory.NameFor(Guid.Empty)}, with other digits) nor a UUID; nothing was touched");
        }

        if (journaled.FirstOrDefault(life => life.Stage != JobStage.Clean && life.Account is not null && (life.Account.Name == name || life.Job == id)) is { } known)
        {
            return new AccountTarget(known.Account!.Name, InRange(known.Account), known, IsHalfMade: false);
        }

        await directory.WaitUntilReadyAsync(cancellationToken);
        var entry = (await directory.ListJobAccountsAsync(cancellationToken)).FirstOrDefault(entry => entry.Name == name);
        var number = entry is not null ? entry.Id : OwnerOfHome(name);
        var account = number is { } uid ? InRange(new JobAccount(name, uid, Path.Combine(paths.Value.Homes, name), entry?.GeneratedUid)) : null;
        return new AccountTarget(name, account, Life: null, IsHalfMade: entry is { Id: null });
    }

    private JobAccount InRange(JobAccount account) => range.Contains(account.Id)
        ? account
        : throw new AccountDirectoryException($"{account.Name} has the number {account.Id}, which is outside {range}: it is not macrunners' own, and nothing was touched");

    private uint? OwnerOfHome(string name)
    {
        if (!Directory.Exists(paths.Value.Homes))
        {
            return null;
        }

        using var homes = platform.Files.OpenDirectory(paths.Value.Homes);
        return platform.Files.Stat(homes, name)?.Uid;
    }

    // Platforms shorten the UUID differently: what is missing does not count.
    private bool IsJobName(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
        && Guid.TryParseExact(name[Prefix.Length..].Replace("-", "", StringComparison.Ordinal).PadRight(DigitsOfUuid, '0'), "N", out var id)
        && directory.NameFor(id) == name;
}

/// <summary>What was found of an account that is to be removed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Account">The account with its number; null when there is none.</param>
/// <param name="Life">What the journal knows of it; null: nothing.</param>
/// <param name="IsHalfMade">Its record has no number.</param>
internal sealed record AccountTarget(string Name, JobAccount? Account, JobLife? Life, bool IsHalfMade);
