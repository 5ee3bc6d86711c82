using MacRunners.MacEmulator.Accounts;
using MacRunners.MacEmulator.Launchd;
using MacRunners.MacEmulator.Native;
using MacRunners.MacEmulator.Volumes;

namespace MacRunners.MacEmulator.Root;

/// <summary>Removes a root with everything the emulator did to the host.</summary>
internal static class Uninstaller
{
    /// <exception cref="IOException">Something is not as the emulator left it; nothing more is touched.</exception>
    internal static async Task UninstallAsync(string path, TimeProvider time)
    {
        var root = new EmulatorRoot(path);
        if (!File.Exists(root.Marker) || await File.ReadAllTextAsync(root.Marker) != path || Libc.OwnerOf(root.Marker).Uid != 0 || Libc.OwnerOf(path).Uid != 0)
        {
            throw new IOException($"'{path}' is not the root of an emulator: nothing was removed");
        }

        var expected = Installer.Shared.Select(shared => $"{path}/{shared.Inside}").ToHashSet(StringComparer.Ordinal);
        var foreign = MountTable.Below(path).Where(mount => !expected.Contains(mount.Point) && !Container.Owns(root, mount)).ToList();
        if (foreign.Count > 0)
        {
            throw new IOException($"unmount first what is not the emulator's: {string.Join(", ", foreign.Select(mount => mount.Point))}; nothing was removed");
        }

        _ = await new LaunchdClient(root, time).AskAsync(new LaunchdRequest(LaunchdVerb.Shutdown));
        await new DirectorySession(root, time).RemoveAllAsync();
        Unmount(new Container(root, isRoot: true).Mounts());
        Unmount(MountTable.Below(path));

        // The host's /tmp is no longer inside: not before this is sure may anything be deleted.
        if (MountTable.Below(path) is [var left, ..])
        {
            throw new IOException($"'{left.Point}' is still mounted: the tree was not removed");
        }

        TreeRemoval.Remove(path);
    }

    private static void Unmount(IReadOnlyList<MountedPoint> mounts)
    {
        foreach (var mount in mounts)
        {
            Libc.Check(Libc.Unmount(mount.Point, Libc.UnmountDetach | Libc.UnmountNoFollow), "umount", mount.Point);
        }
    }
}
