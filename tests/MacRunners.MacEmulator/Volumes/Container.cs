using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MacRunners.MacEmulator.Native;
using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Volumes;

/// <summary>
/// The one APFS container of the Mac. Each volume is a tmpfs below the emulator's own folder, where it outlives its unmounting; to mount it is to
/// bind it elsewhere. Whoever calls holds the state's lock.
/// </summary>
/// <param name="root">Of the Mac.</param>
/// <param name="isRoot">Others see the system's volumes only.</param>
internal sealed class Container(EmulatorRoot root, bool isRoot)
{
    /// <summary>Its name.</summary>
    internal const string Reference = "disk3";

    /// <summary>Its identity.</summary>
    internal const string Uuid = "5A3C2E10-7B44-4F0E-9E21-0C5D1B7A9E03";

    private const int FirstFree = 7;
    private const string DevicePrefix = "/dev/";
    private const string BackingType = "tmpfs";

    private static readonly IReadOnlyList<Volume> BuiltIn =
    [
        new() { Uuid = "0E5A4C11-2D0B-4A52-8A57-3B0F5C1D7E01", Device = Reference + "s1", Name = "Macintosh HD", Role = "System", HasOwners = true, SystemPoint = "" },
        new() { Uuid = "0E5A4C11-2D0B-4A52-8A57-3B0F5C1D7E05", Device = Reference + "s5", Name = "Data", Role = "Data", HasOwners = true, SystemPoint = "/System/Volumes/Data" },
    ];

    /// <summary>Size of everything, and what is free.</summary>
    internal (long Size, long Free) Room => Spaces(root.Path);

    /// <summary>True for mounts of this root's volumes.</summary>
    internal static bool Owns(EmulatorRoot root, MountedPoint mount) =>
        mount.Type == BackingType && (IsBelowVolumes(root, mount) || mount.Source.StartsWith($"{DevicePrefix}{Reference}s", StringComparison.Ordinal));

    /// <summary>All volumes, those of the system first.</summary>
    internal IReadOnlyList<Volume> Volumes() => [.. BuiltIn, .. Added()];

    /// <summary>Finds a volume by identifier, device file, identity, mount point or name.</summary>
    internal Volume? Find(string device)
    {
        var volumes = Volumes();
        var identifier = device.StartsWith(DevicePrefix, StringComparison.Ordinal) ? device[DevicePrefix.Length..].TrimStart('r') : device;
        return volumes.FirstOrDefault(volume => volume.Device == identifier)
            ?? volumes.FirstOrDefault(volume => volume.Uuid.Equals(device, StringComparison.OrdinalIgnoreCase))
            ?? (device.StartsWith('/') ? volumes.FirstOrDefault(volume => IsAt(volume, device)) : volumes.FirstOrDefault(volume => volume.Name == device));
    }

    /// <summary>Where it is mounted, or null.</summary>
    internal string? PointOf(Volume volume) => MountOf(volume)?.Point;

    /// <summary>Where and how it is mounted, or null.</summary>
    internal MountedPoint? MountOf(Volume volume) => volume.SystemPoint is { } point
        ? new MountedPoint(root.Path + point, [], "apfs", DevicePrefix + volume.Device, "")
        : Mounts().FirstOrDefault(mount => mount.Source == DevicePrefix + volume.Device);

    /// <summary>All mounts of volumes that were added, wherever they are.</summary>
    internal IReadOnlyList<MountedPoint> Mounts()
    {
        var mounts = MountTable.All();
        var devices = mounts.Where(mount => IsBelowVolumes(root, mount)).Select(mount => mount.Device).ToHashSet(StringComparer.Ordinal);
        return [.. mounts.Where(mount => devices.Contains(mount.Device) && !IsBelowVolumes(root, mount))];
    }

    /// <summary>Bytes in it.</summary>
    internal long Used(Volume volume)
    {
        var (size, free) = Spaces(volume.SystemPoint is null ? Backing(volume) : root.Path);
        return size - free;
    }

    /// <summary>Makes a volume, which is mounted nowhere.</summary>
    internal Volume Add(string name, string? role, long? quota, long? reserve)
    {
        var present = Volumes();
        var number = Enumerable.Range(FirstFree, int.MaxValue - FirstFree).First(number => present.All(volume => volume.Device != $"{Reference}s{number}"));
        var volume = new Volume { Uuid = Guid.NewGuid().ToString().ToUpperInvariant(), Device = $"{Reference}s{number}", Name = name, Role = role, Quota = quota, Reserve = reserve };
        var backing = Backing(volume);
        _ = Directory.CreateDirectory(backing, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var size = quota is { } bytes ? string.Create(CultureInfo.InvariantCulture, $",size={bytes}") : "";
        Libc.Check(Libc.Mount(DevicePrefix + volume.Device, backing, BackingType, 0, "mode=0755" + size), "mount", backing);
        Save([.. Added(), volume]);
        return volume;
    }

    /// <summary>
    /// Mounts it on a folder of the root, or beside the root, where trial machines keep the homes: below it, paths of sockets in them would be too
    /// long. No link is followed.
    /// </summary>
    /// <returns>False: there is no such folder.</returns>
    internal bool Mount(Volume volume, string point, ulong attributes)
    {
        if (!point.StartsWith(Path.GetDirectoryName(root.Path) + "/", StringComparison.Ordinal))
        {
            return false;
        }

        var target = OpenFolder(point);
        if (target < 0)
        {
            return false;
        }

        var tree = -1;
        try
        {
            var backing = Backing(volume);
            tree = (int)Libc.OpenTree(MountAttributes.OpenTreeCall, -1, backing, MountAttributes.OpenTreeClone | Libc.CloseOnExec);
            Libc.Check(tree >= 0 ? 0 : -1, "open_tree", backing);
            var change = new MountAttributes { Set = attributes };
            Libc.Check((int)Libc.SetMountAttributes(MountAttributes.SetCall, tree, "", MountAttributes.EmptyPath, in change, (nuint)Marshal.SizeOf<MountAttributes>()), "mount_setattr", backing);
            Libc.Check((int)Libc.MoveMount(MountAttributes.MoveCall, tree, "", target, "", MountAttributes.MoveByDescriptors), "move_mount", point);
            return true;
        }
        finally
        {
            _ = Libc.Close(target);
            if (tree >= 0)
            {
                _ = Libc.Close(tree);
            }
        }
    }

    /// <summary>The folder for a volume that is mounted nowhere in particular; it goes with the mount.</summary>
    internal string MakeOwnPoint(Volume volume) => Directory.CreateDirectory(OwnPoint(volume)).FullName;

    /// <summary>Unmounts it, if it is mounted.</summary>
    /// <returns>False: it is in use.</returns>
    internal bool Unmount(Volume volume, bool force)
    {
        while (PointOf(volume) is { } point)
        {
            // By force means that open files do not matter: on Linux the mount is then taken out of sight at once.
            if (volume.SystemPoint is not null || Libc.Unmount(point, force ? Libc.UnmountDetach | Libc.UnmountNoFollow : Libc.UnmountNoFollow) != 0)
            {
                return false;
            }

            if (point == OwnPoint(volume))
            {
                Directory.Delete(point);
            }
        }

        return true;
    }

    /// <summary>Removes a volume that is not mounted with all that is in it.</summary>
    internal void Delete(Volume volume)
    {
        var backing = Backing(volume);
        Libc.Check(Libc.Unmount(backing, Libc.UnmountDetach | Libc.UnmountNoFollow), "umount", backing);
        Directory.Delete(backing);
        Save([.. Added().Where(other => other.Uuid != volume.Uuid)]);
    }

    /// <summary>Lets owners of files count.</summary>
    internal void EnableOwners(Volume volume) => Save([.. Added().Select(other => other.Uuid == volume.Uuid ? other with { HasOwners = true } : other)]);

    // The emulated paths are the host's, but a Mac's own mount points are also known without the root.
    private bool IsAt(Volume volume, string path) => PointOf(volume) == path || (volume.SystemPoint is { } point && path == (point.Length == 0 ? "/" : point));

    private static bool IsBelowVolumes(EmulatorRoot root, MountedPoint mount) => mount.Point.StartsWith(root.Volumes + "/", StringComparison.Ordinal);

    private static (long Size, long Free) Spaces(string path)
    {
        var drive = new DriveInfo(path);
        return (drive.TotalSize, drive.TotalFreeSpace);
    }

    private string OwnPoint(Volume volume) => $"{root.Path}/Volumes/{volume.Name.Replace('/', ':')}";

    private string Backing(Volume volume) => $"{root.Volumes}/{volume.Uuid}";

    private unsafe int OpenFolder(string path)
    {
        var how = new OpenHow { Flags = Libc.PathOnly | Libc.DirectoryOnly | Libc.CloseOnExec, Resolve = OpenHow.NoSymlinks };
        fixed (byte* terminated = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return (int)Libc.OpenAt2(OpenHow.SystemCall, -1, terminated, &how, (nuint)sizeof(OpenHow));
        }
    }

    private List<Volume> Added() => isRoot ? RootOnlyFile.ReadJson(root.VolumeState, VolumeJson.Default.ListVolume) ?? [] : [];

    private void Save(List<Volume> volumes) => RootOnlyFile.WriteJson(root.VolumeState, volumes, VolumeJson.Default.ListVolume);
}
