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
    /// <param name="unproven">
    /// Told about each place that macOS shows to nobody without Full Disk Access: nothing is known of it, and that is not the job's doing. Where
    /// nothing is withheld from root, such a place is among what is left.
    /// </param>
    /// <param name="ruleOut">Rules out processes that come and go faster than they can be listed. It may run a process of the account, so it begins when they have been listed, and files are looked at when it has ended.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<IReadOnlyList<Residue>> LookAsync(JobAccount account, Func<Task> ruleOut, Action<string> unproven, CancellationToken cancellationToken)
    {
        var left = new List<Residue>();
        left.AddRange(platform.Processes.OwnedBy(account.Id).Select(p => new Residue(ResidueKind.Process, ProcessReaper.Describe(p))));
        var rulingOut = ruleOut();
        left.AddRange(platform.Processes.EscapedFrom(account.Id).Select(p => new Residue(ResidueKind.Process, ProcessReaper.Describe(p))));
        left.AddRange((await accounts.FindTracesAsync(account.Name, account.Id, account.GeneratedUid, cancellationToken))
            .Select(trace => new Residue(ResidueKind.Account, trace)));
        await rulingOut;
        left.AddRange(await remains.FindAsync(account, (path, why) => Withheld(ResidueKind.Schedule, path, why), cancellationToken));
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
        places.Visit(
            owner => owner == account.Id,
            (_, _, _, path) => left.Add(new Residue(ResidueKind.File, path)),
            (place, why) => Withheld(ResidueKind.File, place, why));
        return left;

        void Withheld(ResidueKind kind, string path, PosixException why)
        {
            var what = $"{path} could not be looked at, so nothing is proven of it: {why.Message}";
            if (platform.Places.WithheldRemedy is { } remedy)
            {
                unproven($"{what}; {remedy}");
            }
            else
            {
                left.Add(new Residue(kind, what));
            }
        }
    }

    /// <summary>The same for an account that nobody just tears down. What could not be looked at is among what is left.</summary>
    /// <inheritdoc cref="LookAsync(JobAccount, Func{Task}, Action{string}, CancellationToken)"/>
    public async Task<IReadOnlyList<Residue>> LookAsync(JobAccount account, CancellationToken cancellationToken)
    {
        var unproven = new List<Residue>();
        var left = await LookAsync(account, () => Task.CompletedTask, what => unproven.Add(new Residue(ResidueKind.File, what)), cancellationToken);
        return [.. left, .. unproven];
    }
}
