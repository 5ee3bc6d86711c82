using System.Text;
using MacRunners.MacEmulator.LibSystem.Native;
using MacRunners.MacEmulator.LibSystem.Translation;

namespace MacRunners.MacEmulator.LibSystem.Proc;

/// <summary>Finds a directory again through another mount of the same file system.</summary>
internal static unsafe class BindMounts
{
    private const int PathSize = 4096;

    /// <summary>Opens the directory <paramref name="directory"/> by way of the mount in which <paramref name="other"/> lies.</summary>
    /// <returns>A descriptor of the very same directory, or -1 when it cannot be reached so.</returns>
    internal static int SameDirectoryThroughMountOf(int directory, int other)
    {
        var mounts = Mount.All();
        if (PathOf(directory) is not { } path || PathOf(other) is not { } otherPath
            || MountOf(mounts, path) is not { } mount || MountOf(mounts, otherPath) is not { } otherMount
            || (mount.Major, mount.Minor) != (otherMount.Major, otherMount.Minor))
        {
            return -1;
        }

        var inFileSystem = Join(mount.Root, Relative(path, mount.Point));
        if (!Mount.IsAtOrBelow(inFileSystem, otherMount.Root))
        {
            return -1;
        }

        return OpenIfSame(directory, Join(otherMount.Point, Relative(inFileSystem, otherMount.Root)));
    }

    // The path may have changed hands since it was read: only the same device and inode count, and no link is followed.
    private static int OpenIfSame(int directory, string path)
    {
        var how = new LinuxOpenHow
        {
            Flags = (ulong)(OpenFlags.LinuxPathOnly | OpenFlags.LinuxDirectory | OpenFlags.LinuxCloseOnExec),
            Resolve = LinuxOpenHow.NoSymlinks,
        };
        int found;
        fixed (byte* terminated = Encoding.Latin1.GetBytes(path + '\0'))
        {
            found = (int)Glibc.SystemCall(LinuxOpenHow.SystemCall, -1, (nint)terminated, (nint)(&how), sizeof(LinuxOpenHow));
        }

        if (found < 0)
        {
            return -1;
        }

        if (Identity(found) is { } identity && identity == Identity(directory))
        {
            return found;
        }

        _ = Glibc.Close(found);
        return -1;
    }

    private static (uint Major, uint Minor, ulong Inode)? Identity(int descriptor)
    {
        byte nothing = 0;
        LinuxStatus status;
        return Glibc.Status(descriptor, &nothing, AtFlags.LinuxEmptyPath, LinuxStatus.Wanted, &status) == 0
            ? (status.DeviceMajor, status.DeviceMinor, status.Inode)
            : null;
    }

    private static string? PathOf(int descriptor)
    {
        var buffer = stackalloc byte[PathSize];
        fixed (byte* link = Encoding.ASCII.GetBytes($"/proc/self/fd/{descriptor}\0"))
        {
            var length = Glibc.ReadLink(link, buffer, PathSize);
            return length is > 0 and < PathSize && buffer[0] == '/' ? Encoding.Latin1.GetString(buffer, (int)length) : null;
        }
    }

    // The one mounted last wins where several lie on top of each other.
    private static Mount? MountOf(IReadOnlyList<Mount> mounts, string path) =>
        mounts.Where(mount => Mount.IsAtOrBelow(path, mount.Point)).MaxBy(mount => mount.Point.Length) is { } deepest
            ? mounts.Last(mount => mount.Point == deepest.Point)
            : null;

    private static string Relative(string path, string folder) => folder == "/" ? path : path[folder.Length..];

    private static string Join(string folder, string relative) => folder == "/" ? (relative.Length > 0 ? relative : "/") : folder + (relative == "/" ? "" : relative);
}
