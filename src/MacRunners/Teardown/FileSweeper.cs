using MacRunners.Accounts;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Teardown;

/// <summary>Moves everything an account owns into the trash: home, private folders of the system, entries in shared places.</summary>
internal sealed class FileSweeper(IPlatform platform, AccountRange range, SharedPlaces places, Trash trash, IOptions<PathsOptions> paths)
{
    // Of the entries in a job's folders, in search of those of others: enough for folders that somebody shares, little for a job that leaves millions.
    private const int MostLookedAt = 10_000;
    private const int MostDepth = 16;
    private const int MostPasses = 50;
    private const int QuietPasses = 3;

    /// <summary>Moves the home and all entries of the account, and notes in the report what lay outside the home.</summary>
    /// <exception cref="ResidueException">The home is not the one that was made.</exception>
    /// <exception cref="PosixException">Something cannot be moved.</exception>
    public void Sweep(JobAccount account, TeardownReport report)
    {
        ResidueException.ThrowIfForeign(account, range);
        TakeHome(account);
        foreach (var folder in platform.Domains.PrivateFolders(account.Id, account.GeneratedUid))
        {
            TakePrivateFolder(account, folder, report);
        }

        SweepShared(owner => owner == account.Id, report);
    }

    /// <summary>Moves the entries of all wanted owners in the shared places, and reports what of others lay in their folders.</summary>
    public void SweepShared(Func<uint, bool> isWanted, TeardownReport report)
    {
        // Again until none is met, several times in a row: in folders that others have opened to everybody an accomplice can move entries
        // about meanwhile, from where it was not yet looked to where it was.
        var budget = MostLookedAt;
        var quiet = QuietPasses - 1;
        for (var pass = 0; quiet < QuietPasses && pass < MostPasses; pass++)
        {
            quiet++;
            places.Visit(isWanted, (place, parent, name, path) =>
            {
                quiet = 0;
                report.Add(ResidueKind.File, path);
                ReportOthers(isWanted, parent, name, path, report, 0, ref budget);
                trash.Take(place, parent, name);
            });
        }
    }

    /// <summary>Moves a folder without account out of <c>Paths:Homes</c>.</summary>
    public void TakeOrphanedHome(FileName name)
    {
        using var homes = platform.Files.OpenDirectory(paths.Value.Homes);
        trash.Take(paths.Value.Homes, homes, name);
    }

    // A job may have opened its folder to others, and they may have put something in: it goes with the folder, but not unsaid.
    private void ReportOthers(Func<uint, bool> isWanted, SafeFileHandle parent, FileName name, string path, TeardownReport report, int depth, ref int budget)
    {
        if (budget <= 0 || depth > MostDepth || platform.Files.Stat(parent, name) is not { Kind: FileKind.Directory })
        {
            return;
        }

        try
        {
            using var folder = platform.Files.OpenDirectory(parent, name);
            foreach (var entry in platform.Files.List(folder, budget))
            {
                budget--;
                if (platform.Files.Stat(folder, entry) is not { } status)
                {
                    continue;
                }

                if (!isWanted(status.Uid))
                {
                    report.Add(ResidueKind.File, $"{path}/{entry}, which is user {status.Uid}'s and lay in a folder of the job");
                }

                ReportOthers(isWanted, folder, entry, $"{path}/{entry}", report, depth + 1, ref budget);
            }
        }
        catch (PosixException e) when (e.Error is PosixError.NotFound or PosixError.NotADirectory or PosixError.IsALink)
        {
            // One of those others removed or replaced it meanwhile.
        }
    }

    private void TakeHome(JobAccount account)
    {
        using var homes = platform.Files.OpenDirectory(paths.Value.Homes);
        if (platform.Files.Stat(homes, account.Name) is not { } status)
        {
            return;
        }

        // The parent belongs to root, so no job can have put another directory there. If the entry is not the one that
        // was made, something with root's rights was at work.
        if (account.HomeIdentity is { } made && (status.Kind != FileKind.Directory || made != new HomeIdentity(status.Device, status.Inode)))
        {
            throw new ResidueException([new Residue(ResidueKind.Home, $"{account.Home} is not the directory that was made for the job; it was left untouched")]);
        }

        trash.Take(paths.Value.Homes, homes, account.Name);
    }

    private void TakePrivateFolder(JobAccount account, string folder, TeardownReport report)
    {
        var parentPath = Path.GetDirectoryName(folder)!;
        SafeFileHandle parent;
        try
        {
            parent = platform.Files.OpenDirectory(parentPath);
        }
        catch (PosixException e) when (e.Error == PosixError.NotFound)
        {
            return;
        }

        using (parent)
        {
            FileName name = Path.GetFileName(folder);
            if (platform.Files.Stat(parent, name) is { } status && status.Uid == account.Id)
            {
                report.Add(ResidueKind.File, folder);
                trash.Take(parentPath, parent, name);
            }
        }
    }
}
