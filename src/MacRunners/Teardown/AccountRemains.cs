using System.Text.RegularExpressions;
using MacRunners.Accounts;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Teardown;

/// <summary>
/// What services of the system and the kernel keep for an account, besides processes, home, and files in shared places; and the home itself where
/// it is a volume.
/// </summary>
internal sealed partial class AccountRemains(IPlatform platform, AccountRange range, Trash trash, IOptions<AccountsOptions> accounts)
{
    // On one point there may be several mounts; a list of objects may be too long for one look.
    private const int MostRounds = 10;

    /// <summary>Unmounts what the account mounted itself: who waits there for an answer that never comes cannot be killed before.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="report">Told what went.</param>
    /// <param name="isOutermostFirst">The way to one below another leads through that one, and may itself have to wait for an answer.</param>
    /// <exception cref="ResidueException">The account is not one of the jobs'; nothing was touched.</exception>
    public void UnmountOwn(JobAccount account, TeardownReport report, bool isOutermostFirst)
    {
        ResidueException.ThrowIfForeign(account, range);
        var deepestFirst = platform.Files.MountsOf(account.Id);
        foreach (var mount in isOutermostFirst ? deepestFirst.Reverse() : deepestFirst)
        {
            try
            {
                platform.Files.Unmount(mount, letGo: true);
                report.Add(ResidueKind.Mount, mount.Point);
            }
            catch (PosixException)
            {
                // It is tried again when everything else is removed, and named then.
            }
        }
    }

    /// <summary>Unmounts, moves and removes all of it, each by itself, and notes it in the report.</summary>
    /// <returns>What resists.</returns>
    /// <exception cref="ResidueException">The account is not one of the jobs'; nothing was touched.</exception>
    public async Task<IReadOnlyList<Residue>> RemoveAsync(JobAccount account, TeardownReport report, CancellationToken cancellationToken)
    {
        ResidueException.ThrowIfForeign(account, range);
        if (!Name.IsMatch(account.Name))
        {
            // It becomes part of paths.
            throw new ResidueException([new Residue(ResidueKind.Account, $"{account.Name} is no name of a job's account; nothing of it was touched")]);
        }

        var resisted = new List<Residue>();
        void Try(ResidueKind kind, string what, Action remove)
        {
            try
            {
                report.Add(kind, what);
                remove();
            }
            catch (Exception e) when (e is PosixException or ToolException)
            {
                resisted.Add(new Residue(kind, $"{what}: {e.Message}"));
            }
        }

        for (var round = 0; round < MostRounds && resisted.Count == 0 && ForeignMounts(account) is { Count: > 0 } mounts; round++)
        {
            foreach (var mount in mounts)
            {
                Try(ResidueKind.Mount, mount.Point, () => platform.Files.Unmount(mount));
            }
        }

        if (MayHaveVolume(account))
        {
            try
            {
                await platform.HomeVolumes.DeleteAsync(HomesOf(account), account.Name, account.VolumeId, cancellationToken);
            }
            catch (ToolException e)
            {
                resisted.Add(new Residue(ResidueKind.Home, e.Message));
            }
        }

        // What may not be looked at, the proof names.
        VisitFiles(account, (parent, path, name) => Try(ResidueKind.Schedule, path, () => Remove(parent, path, name)), (_, _) => { });
        try
        {
            // Again for those that a full list did not name.
            var reported = new HashSet<KernelObject>();
            for (var round = 0; round < MostRounds && await platform.KernelObjects.MadeByAsync(account.Name, account.Id, cancellationToken) is { Count: > 0 } objects; round++)
            {
                foreach (var found in objects.Where(reported.Add))
                {
                    report.Add(ResidueKind.Ipc, found.ToString());
                }

                await platform.KernelObjects.RemoveAsync(objects, cancellationToken);
            }
        }
        catch (Exception e) when (e is PosixException or ToolException)
        {
            resisted.Add(new Residue(ResidueKind.Ipc, e.Message));
        }

        try
        {
            await platform.ControlGroups.RemoveAsync(account.Id);
        }
        catch (PosixException e)
        {
            resisted.Add(new Residue(ResidueKind.Process, e.Message));
        }

        return resisted;
    }

    /// <summary>All of it that is there; removes nothing.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="withheld">Told about each place that may not be looked at.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="ToolException">Volumes or the kernel's objects cannot be listed.</exception>
    public async Task<IReadOnlyList<Residue>> FindAsync(JobAccount account, Action<string, PosixException> withheld, CancellationToken cancellationToken)
    {
        List<Residue> found = [.. Mounts(account).Select(mount => new Residue(ResidueKind.Mount, mount.Point))];
        if (MayHaveVolume(account))
        {
            found.AddRange((await platform.HomeVolumes.FindAsync(HomesOf(account), account.Name, account.VolumeId, cancellationToken))
                .Select(volume => new Residue(ResidueKind.Home, volume)));
        }

        VisitFiles(account, (_, path, _) => found.Add(new Residue(ResidueKind.Schedule, path)), withheld);
        found.AddRange((await platform.KernelObjects.MadeByAsync(account.Name, account.Id, cancellationToken))
            .Select(left => new Residue(ResidueKind.Ipc, left.ToString())));
        found.AddRange(platform.ControlGroups.Owners().Where(owner => owner == account.Id).Select(owner => new Residue(ResidueKind.Process, $"the control group of {owner}")));
        return found;
    }

    /// <summary>Deletes volumes that are the homes of nobody.</summary>
    /// <param name="homes">The homes' folder.</param>
    /// <param name="isSomebodys">Whether there is, or may be, a job or an account of that name.</param>
    /// <param name="deleting">Told about each before it is deleted.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolException">One resists, or they cannot be listed.</exception>
    public async Task DeleteVolumesOfNobodyAsync(string homes, Func<string, bool> isSomebodys, Action<string> deleting, CancellationToken cancellationToken)
    {
        if (accounts.Value.Home is not HomeKind.Volume)
        {
            return;
        }

        foreach (var name in (await platform.HomeVolumes.ListAsync(homes, cancellationToken)).Where(name => !isSomebodys(name)))
        {
            deleting(name);
            await platform.HomeVolumes.DeleteAsync(homes, name, id: null, cancellationToken);
        }
    }

    [GeneratedRegex(@"^bk-[0-9a-f-]+\z")]
    private static partial Regex Name { get; }

    private void Remove(SafeFileHandle parent, string path, FileName name)
    {
        // Where an image lets everybody write there.
        if (platform.Files.Stat(parent, name) is { Kind: FileKind.Directory })
        {
            trash.Take(Path.GetDirectoryName(path)!, parent, name);
        }
        else
        {
            TreeRemoval.Unlink(platform.Files, parent, name);
        }
    }

    // Of an account that the journal does not know, the setting tells.
    private bool MayHaveVolume(JobAccount account) => account.OnVolume || accounts.Value.Home is HomeKind.Volume;

    private static string HomesOf(JobAccount account) => Path.GetDirectoryName(account.Home)!;

    // The lowest on the home is the home itself, which goes with its volume.
    private IReadOnlyList<Mount> ForeignMounts(JobAccount account)
    {
        var mounts = Mounts(account);
        var homes = MayHaveVolume(account) ? mounts.Where(mount => mount.Point == account.Home).TakeLast(1) : [];
        return [.. mounts.Except(homes)];
    }

    private IReadOnlyList<Mount> Mounts(JobAccount account) =>
        [.. platform.Files.MountsBelow(account.Home).Union(platform.Files.MountsOf(account.Id))];

    private void VisitFiles(JobAccount account, Action<SafeFileHandle, string, FileName> found, Action<string, PosixException> withheld)
    {
        foreach (var template in platform.Places.AccountFiles)
        {
            var path = template.Replace("{name}", account.Name, StringComparison.Ordinal).Replace("{uid}", $"{account.Id}", StringComparison.Ordinal);
            SafeFileHandle parent;
            try
            {
                parent = platform.Files.OpenDirectory(Path.GetDirectoryName(path)!);
            }
            catch (PosixException e) when (e.Error is PosixError.NotFound or PosixError.IsALink or PosixError.NotADirectory)
            {
                // The service is not there, or its folder is a link to another one of the list.
                continue;
            }
            catch (PosixException e) when (e.Error is PosixError.NotPermitted)
            {
                withheld(path, e);
                continue;
            }

            using (parent)
            {
                FileName name = Path.GetFileName(path);
                if (platform.Files.Stat(parent, name) is not null)
                {
                    found(parent, path, name);
                }
            }
        }
    }
}
