using MacRunners.Accounts;
using MacRunners.Platform;
using MacRunners.Telemetry;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Teardown;

/// <summary>What services of the system and the kernel keep for an account, besides processes, home, and files in shared places.</summary>
internal sealed class AccountRemains(IPlatform platform, Trash trash)
{
    /// <summary>Unmounts, moves and removes all of it, and notes it in the report.</summary>
    /// <exception cref="PosixException">Something resists.</exception>
    /// <exception cref="ToolException">The kernel's objects cannot be listed or removed.</exception>
    public async Task RemoveAsync(JobAccount account, TeardownReport report, CancellationToken cancellationToken)
    {
        foreach (var mount in Mounts(account))
        {
            report.Add(ResidueKind.Mount, mount);
            platform.Files.Unmount(mount);
        }

        VisitFiles(account, (parent, path, name) =>
        {
            report.Add(ResidueKind.Schedule, path);
            trash.Take(Path.GetDirectoryName(path)!, parent, name);
        });
        foreach (var found in await platform.KernelObjects.OwnedByAsync(account.Name, account.Id, cancellationToken))
        {
            report.Add(ResidueKind.Ipc, found.ToString());
            await platform.KernelObjects.RemoveAsync(found, cancellationToken);
        }
    }

    /// <summary>All of it that is there; removes nothing.</summary>
    /// <inheritdoc cref="RemoveAsync"/>
    public async Task<IReadOnlyList<Residue>> FindAsync(JobAccount account, CancellationToken cancellationToken)
    {
        List<Residue> found = [.. Mounts(account).Select(mount => new Residue(ResidueKind.Mount, mount))];
        VisitFiles(account, (_, path, _) => found.Add(new Residue(ResidueKind.Schedule, path)));
        found.AddRange((await platform.KernelObjects.OwnedByAsync(account.Name, account.Id, cancellationToken))
            .Select(left => new Residue(ResidueKind.Ipc, left.ToString())));
        return found;
    }

    private IEnumerable<string> Mounts(JobAccount account) =>
        platform.Files.MountsBelow(account.Home).Union(platform.Files.MountsOf(account.Id));

    private void VisitFiles(JobAccount account, Action<SafeFileHandle, string, FileName> found)
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
