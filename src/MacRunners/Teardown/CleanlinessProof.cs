using MacRunners.Accounts;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Teardown;

/// <summary>An independent look at the machine: is there anything left of an account? It removes nothing.</summary>
internal sealed class CleanlinessProof(IPlatform platform, IAccountDirectory accounts, SharedPlaces places, AccountRemains remains, IOptions<PathsOptions> paths)
{
    /// <summary>Everything that is left; empty when the account is proven gone.</summary>
    /// <param name="account">Of which nothing should be left.</param>
    /// <param name="ruleOut">Rules out processes that come and go faster than they can be listed. It may run a process of the account, so it begins when they have been listed, and files are looked at when it has ended.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<IReadOnlyList<Residue>> LookAsync(JobAccount account, Func<Task> ruleOut, CancellationToken cancellationToken)
    {
        var left = new List<Residue>();
        left.AddRange(platform.Processes.OwnedBy(account.Id).Select(p => new Residue(ResidueKind.Process, ProcessReaper.Describe(p))));
        var rulingOut = ruleOut();
        left.AddRange(platform.Processes.EscapedFrom(account.Id).Select(p => new Residue(ResidueKind.Process, ProcessReaper.Describe(p))));
        left.AddRange((await accounts.FindTracesAsync(account.Name, account.Id, account.GeneratedUid, cancellationToken))
            .Select(trace => new Residue(ResidueKind.Account, trace)));
        await rulingOut;
        left.AddRange(await remains.FindAsync(account, cancellationToken));
        using (var homes = platform.Files.OpenDirectory(paths.Value.Homes))
        {
            if (platform.Files.Stat(homes, account.Name) is not null)
            {
                left.Add(new Residue(ResidueKind.Home, account.Home));
            }
        }

        left.AddRange(platform.Domains.PrivateFolders(account.Id, account.GeneratedUid)
            .Where(folder => Path.Exists(folder) || new FileInfo(folder).LinkTarget is not null)
            .Select(folder => new Residue(ResidueKind.File, folder)));
        places.Visit(owner => owner == account.Id, (_, _, _, path) => left.Add(new Residue(ResidueKind.File, path)));
        return left;
    }

    /// <summary>The same for an account that nobody just tears down.</summary>
    /// <inheritdoc cref="LookAsync(JobAccount, Func{Task}, CancellationToken)"/>
    public Task<IReadOnlyList<Residue>> LookAsync(JobAccount account, CancellationToken cancellationToken) =>
        LookAsync(account, () => Task.CompletedTask, cancellationToken);
}
