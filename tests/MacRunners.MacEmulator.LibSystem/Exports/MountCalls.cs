using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;
using MacRunners.MacEmulator.LibSystem.Proc;
using MacRunners.MacEmulator.LibSystem.Translation;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Mounted file systems.</summary>
internal static unsafe class MountCalls
{
    private const int Force = 0x80000;
    private const int IdOfType = 0x1a;
    private const int ControlVersion = 1;
    private const int ControlSize = 80;
    private const int UnmountRequest = 0x10002;
    private const string ControlName = "vfs.generic.ctlbyfsid";
    private const string VolumeType = "apfs";
    private const string NoBrowseOption = "nodiratime";
    private const int LinuxForce = 1;
    private const int LinuxDetach = 2;

    private static readonly Lock Gate = new();
    private static DarwinFileSystem* _list;

    [UnmanagedCallersOnly(EntryPoint = "getfsstat")]
    private static int List(DarwinFileSystem* buffer, int size, int flags) => ListCore(buffer, size);

    [UnmanagedCallersOnly(EntryPoint = "getfsstat$INODE64")]
    private static int List64(DarwinFileSystem* buffer, int size, int flags) => ListCore(buffer, size);

    [UnmanagedCallersOnly(EntryPoint = "getmntinfo")]
    private static int Information(DarwinFileSystem** list, int flags) => InformationCore(list);

    [UnmanagedCallersOnly(EntryPoint = "getmntinfo$INODE64")]
    private static int Information64(DarwinFileSystem** list, int flags) => InformationCore(list);

    // VFS_GENERIC and a number that this name has here.
    private static ReadOnlySpan<int> Control => [3, 0, 17];

    /// <summary>Knows the one name that is not asked for its value.</summary>
    [UnmanagedCallersOnly(EntryPoint = "sysctlnametomib")]
    private static int Name(byte* name, int* mib, nuint* levels)
    {
        if (Marshal.PtrToStringUTF8((nint)name) != ControlName)
        {
            return Call.Fail(DarwinErrors.NoEntry);
        }

        if (*levels < (nuint)Control.Length)
        {
            return Call.Fail(DarwinErrors.NoMemory);
        }

        Control.CopyTo(new Span<int>(mib, Control.Length));
        *levels = (nuint)Control.Length;
        return 0;
    }

    /// <summary>What is done to a mount by its id: unmounting.</summary>
    [UnmanagedCallersOnly(EntryPoint = "sysctl")]
    private static int ControlById(int* mib, uint levels, void* old, nuint* oldSize, byte* control, nuint size)
    {
        if (levels != Control.Length + 1 || !new ReadOnlySpan<int>(mib, Control.Length).SequenceEqual(Control))
        {
            return Call.Fail(DarwinErrors.NoEntry);
        }

        if (size != ControlSize || *(int*)control != ControlVersion || mib[Control.Length] != UnmountRequest || *(ulong*)(control + 24) != sizeof(int))
        {
            return Call.Fail(DarwinErrors.Invalid);
        }

        var id = *(int*)(control + 4);
        return Mount.All().FirstOrDefault(mount => mount.Id == id) is { } found ? Unmount(found, **(int**)(control + 16)) : Call.Fail(DarwinErrors.NoEntry);
    }

    // By force means that open files do not matter: on Linux the mount is then taken out of sight at once.
    private static int Unmount(Mount mount, int flags)
    {
        if ((flags & ~Force) != 0)
        {
            return Call.Fail(DarwinErrors.Invalid);
        }

        fixed (byte* path = Encoding.Latin1.GetBytes(mount.Point + '\0'))
        {
            return Call.Return(Glibc.Unmount(path, flags == Force ? LinuxForce | LinuxDetach : 0));
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "statfs")]
    private static int Status(byte* path, DarwinFileSystem* status) => StatusCore(path, status);

    [UnmanagedCallersOnly(EntryPoint = "statfs$INODE64")]
    private static int Status64(byte* path, DarwinFileSystem* status) => StatusCore(path, status);

    private static int StatusCore(byte* path, DarwinFileSystem* status)
    {
        LinuxFileSystem sizes;
        if (Glibc.FileSystemStatus(path, &sizes) != 0)
        {
            return Call.Return(-1);
        }

        *status = default;
        if (MountOf(path) is { } mount)
        {
            Describe(status, mount);
        }

        FillSizes(status, sizes);

        // A file system of Linux that does not count inodes has no end of them.
        if (sizes.Files == 0)
        {
            (status->Files, status->FilesFree) = (ulong.MaxValue, ulong.MaxValue);
        }

        return 0;
    }

    private static Mount? MountOf(byte* path)
    {
        LinuxStatus status;
        if (Glibc.Status(AtFlags.LinuxCurrentDirectory, path, 0, LinuxStatus.WantedMount, &status) != 0)
        {
            return null;
        }

        var id = status.MountId;
        return Mount.All().FirstOrDefault(mount => (ulong)mount.Id == id);
    }

    private static int ListCore(DarwinFileSystem* buffer, int size)
    {
        var mounts = Mount.Visible();
        if (buffer == null)
        {
            return mounts.Count;
        }

        var count = Math.Min(mounts.Count, size / sizeof(DarwinFileSystem));
        for (var i = 0; i < count; i++)
        {
            Fill(buffer + i, mounts[i]);
        }

        return count;
    }

    // The list belongs to the library, as on a Mac; it lives until the next call.
    private static int InformationCore(DarwinFileSystem** list)
    {
        lock (Gate)
        {
            var mounts = Mount.Visible();
            _list = (DarwinFileSystem*)NativeMemory.Realloc(_list, (nuint)(mounts.Count * sizeof(DarwinFileSystem)));
            for (var i = 0; i < mounts.Count; i++)
            {
                Fill(_list + i, mounts[i]);
            }

            *list = _list;
            return mounts.Count;
        }
    }

    private static void Fill(DarwinFileSystem* entry, Mount mount)
    {
        *entry = default;
        Describe(entry, mount);
        if (IsLocal(mount))
        {
            FillSizes(entry, mount);
        }
    }

    private static void Describe(DarwinFileSystem* entry, Mount mount)
    {
        (entry->FirstId, entry->SecondId) = (mount.Id, IdOfType);
        entry->Owner = Owner(mount);
        entry->Flags = Flags(mount);
        Copy(mount.IsVolume ? VolumeType : mount.Type, entry->TypeName, DarwinFileSystem.TypeNameSize);
        Copy(mount.Point, entry->MountedOn, DarwinFileSystem.PathSize);
        Copy(mount.Source, entry->MountedFrom, DarwinFileSystem.PathSize);
    }

    // Asking a file system whose server is gone would hang for ever.
    private static bool IsLocal(Mount mount) =>
        !mount.Type.StartsWith("fuse", StringComparison.Ordinal) && !mount.Type.StartsWith("nfs", StringComparison.Ordinal) && mount.Type is not ("cifs" or "9p");

    private static void FillSizes(DarwinFileSystem* entry, Mount mount)
    {
        LinuxFileSystem sizes;
        fixed (byte* path = Encoding.Latin1.GetBytes(mount.Point + '\0'))
        {
            if (Glibc.FileSystemStatus(path, &sizes) != 0)
            {
                return;
            }
        }

        FillSizes(entry, sizes);
    }

    private static void FillSizes(DarwinFileSystem* entry, LinuxFileSystem sizes)
    {
        entry->BlockSize = (uint)sizes.BlockSize;
        entry->TransferSize = (int)sizes.BlockSize;
        entry->Blocks = sizes.Blocks;
        entry->Free = sizes.Free;
        entry->Available = sizes.Available;
        entry->Files = sizes.Files;
        entry->FilesFree = sizes.FilesFree;
    }

    // Linux remembers who mounted only where others than root can: FUSE.
    private static uint Owner(Mount mount)
    {
        const string key = "user_id=";
        return mount.SuperOptions.FirstOrDefault(option => option.StartsWith(key, StringComparison.Ordinal)) is { } option
            && uint.TryParse(option[key.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? uid : 0;
    }

    private static uint Flags(Mount mount) =>
        (mount.Options.Contains("ro") ? DarwinFileSystem.ReadOnly : 0)
        | (mount.Options.Contains("noexec") ? DarwinFileSystem.NoExecute : 0)
        | (mount.Options.Contains("nosuid") ? DarwinFileSystem.NoSetId : 0)
        | (mount.Options.Contains("nodev") ? DarwinFileSystem.NoDevices : 0)
        | (mount.IsVolume ? DarwinFileSystem.Journaled : 0)
        | (mount.IsVolume && mount.Options.Contains(NoBrowseOption) ? DarwinFileSystem.NoBrowse : 0)
        | (IsLocal(mount) ? DarwinFileSystem.Local : 0);

    private static void Copy(string text, byte* target, int size)
    {
        var length = Math.Min(text.Length, size - 1);
        _ = Encoding.Latin1.GetBytes(text.AsSpan(0, length), new Span<byte>(target, length));
        target[length] = 0;
    }
}
