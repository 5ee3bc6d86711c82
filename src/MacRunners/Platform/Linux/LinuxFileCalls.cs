using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static MacRunners.Platform.Linux.LinuxFileImports;

namespace MacRunners.Platform.Linux;

/// <summary>Descriptor-relative file calls on Linux.</summary>
/// <remarks>
/// <see cref="ClearFlags"/> is the one place that opens something else than a directory: Linux has no call that changes
/// inode flags by name. It opens regular files only, after looking, without following a link and without blocking.
/// </remarks>
internal sealed class LinuxFileCalls : IFileCalls
{
    private const int TypeMask = 0xf000;
    private const int TypeDirectory = 0x4000;
    private const int TypeRegular = 0x8000;
    private const int TypeLink = 0xa000;
    private const int ListBuffer = 64 * 1024;

    private static readonly int DirectoryFlags = OpenReadOnly | OpenDirectoryOnly | OpenNoFollow | OpenCloseOnExec;

    /// <inheritdoc/>
    public SafeFileHandle OpenDirectory(string path)
    {
        if (!path.StartsWith('/'))
        {
            throw new ArgumentException($"'{path}' is not an absolute path", nameof(path));
        }

        // One component after the other: O_NOFOLLOW alone would guard the last one only.
        var current = Handle(open("/", DirectoryFlags), "open", "/");
        try
        {
            foreach (var component in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                var next = OpenDirectory(current, component);
                current.Dispose();
                current = next;
            }
        }
        catch (PosixException e)
        {
            current.Dispose();
            throw new PosixException("open", path, e.Error, e.Number);
        }

        return current;
    }

    /// <inheritdoc/>
    public SafeFileHandle OpenDirectory(SafeFileHandle parent, FileName name)
    {
        var opened = openat(parent, in name.Terminated[0], DirectoryFlags);
        if (opened >= 0)
        {
            return new SafeFileHandle(opened, ownsHandle: true);
        }

        var failure = LinuxErrors.Last("openat", name);
        // O_DIRECTORY reports a link as "not a directory"; the caller wants to know that it was one.
        throw failure.Error is PosixError.NotADirectory && Stat(parent, name) is { Kind: FileKind.Link }
            ? LinuxErrors.From("openat", name, LinuxErrors.TooManyLinks)
            : failure;
    }

    /// <inheritdoc/>
    public FileStatus? Stat(SafeFileHandle parent, FileName name) => RawStatus(parent, name) is { } status ? Describe(status) : null;

    /// <inheritdoc/>
    public FileStatus Stat(SafeFileHandle directory)
    {
        if (statx(directory, in Empty[0], EmptyPath | NoFollow, StatxBasic, out var status) != 0)
        {
            throw LinuxErrors.Last("statx", "open file");
        }

        return Describe(status);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ListedFile> ListKinds(SafeFileHandle directory, int limit = int.MaxValue)
    {
        if (lseek(directory, 0, 0) < 0)
        {
            throw LinuxErrors.Last("lseek", "directory");
        }

        var found = new List<ListedFile>();
        var buffer = new byte[ListBuffer];
        while (found.Count < limit)
        {
            var filled = (int)getdents64(directory, ref buffer[0], ListBuffer);
            if (filled == 0)
            {
                break;
            }

            if (filled < 0)
            {
                // A directory that was removed while open has no entries any more.
                return Marshal.GetLastPInvokeError() == LinuxErrors.NotFound ? found : throw LinuxErrors.Last("getdents64", "directory");
            }

            Collect(buffer.AsSpan(0, filled), found, limit);
        }

        return found;
    }

    /// <inheritdoc/>
    public void Rename(SafeFileHandle from, FileName name, SafeFileHandle to, FileName newName)
    {
        if (renameat2(from, in name.Terminated[0], to, in newName.Terminated[0], NoReplace) != 0)
        {
            throw LinuxErrors.Last("renameat2", $"{name} to {newName}");
        }
    }

    /// <inheritdoc/>
    public bool Unlink(SafeFileHandle parent, FileName name) => Remove(parent, name, 0);

    /// <inheritdoc/>
    public bool RemoveDirectory(SafeFileHandle parent, FileName name) => Remove(parent, name, RemoveDirectoryFlag);

    /// <inheritdoc/>
    public SafeFileHandle MakeDirectory(SafeFileHandle parent, FileName name, UnixFileMode mode, uint uid, uint gid)
    {
        // Closed to everybody until owner and mode are right.
        if (mkdirat(parent, in name.Terminated[0], 0b111_000_000) != 0)
        {
            throw LinuxErrors.Last("mkdirat", name);
        }

        SafeFileHandle? directory = null;
        try
        {
            directory = OpenDirectory(parent, name);
            GiveAway(directory, mode, uid, gid);
            return directory;
        }
        catch (PosixException)
        {
            directory?.Dispose();
            RemoveDirectory(parent, name);
            throw;
        }
    }

    /// <inheritdoc/>
    public void GiveAway(SafeFileHandle directory, UnixFileMode mode, uint uid, uint gid)
    {
        if (fchown(directory, uid, gid) != 0)
        {
            throw LinuxErrors.Last("fchown", "directory");
        }

        if (fchmod(directory, (uint)mode) != 0)
        {
            throw LinuxErrors.Last("fchmod", "directory");
        }
    }

    /// <inheritdoc/>
    public SafeFileHandle OpenFifo(string path) =>
        Handle(open(path, OpenReadOnly | OpenNonBlocking | OpenNoFollow | OpenCloseOnExec), "open", path);

    /// <inheritdoc/>
    public SafeFileHandle? OpenFifoToWrite(string path)
    {
        var opened = open(path, OpenWriteOnly | OpenNonBlocking | OpenNoFollow | OpenCloseOnExec);
        return opened < 0 && Marshal.GetLastPInvokeError() == LinuxErrors.NoReader ? null : Handle(opened, "open", path);
    }

    /// <inheritdoc/>
    public int ReadFifo(SafeFileHandle fifo, Span<byte> buffer)
    {
        while (true)
        {
            var count = read(fifo, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
            if (count >= 0)
            {
                return (int)count;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case LinuxErrors.WouldBlock:
                    return -1;
                case LinuxErrors.Interrupted:
                    continue;
                default:
                    throw LinuxErrors.Last("read", "fifo");
            }
        }
    }

    /// <inheritdoc/>
    public void WriteFifo(SafeFileHandle fifo, ReadOnlySpan<byte> content)
    {
        var count = write(fifo, in MemoryMarshal.GetReference(content), (nuint)content.Length);
        if (count != content.Length)
        {
            throw count < 0 ? LinuxErrors.Last("write", "fifo") : LinuxErrors.From("write", "fifo, which took only a part", 0);
        }
    }

    /// <inheritdoc/>
    public void MakeFifo(string path, UnixFileMode mode, uint uid = 0, uint gid = 0)
    {
        // Closed to everybody until owner and mode are right.
        if (mkfifo(path, 0) != 0)
        {
            throw LinuxErrors.Last("mkfifo", path);
        }

        // Nobody else can write to the folder, so the path still means the FIFO just made.
        if (lchown(path, uid, gid) != 0)
        {
            throw LinuxErrors.Last("lchown", path);
        }

        File.SetUnixFileMode(path, mode);
    }

    /// <inheritdoc/>
    public void ClearFlags(SafeFileHandle parent, FileName name, FileStatus seen)
    {
        if (RawStatus(parent, name) is not { } status)
        {
            return;
        }

        ThrowIfExchanged(Describe(status), seen, name);
        if ((status.Mode & TypeMask) is not (TypeRegular or TypeDirectory) || !MayCarryFlags(status))
        {
            return;
        }

        var isDirectory = (status.Mode & TypeMask) == TypeDirectory;
        var opened = openat(parent, in name.Terminated[0], isDirectory ? DirectoryFlags : OpenReadOnly | OpenNonBlocking | OpenNoFollow | OpenCloseOnExec);
        if (opened < 0)
        {
            throw LinuxErrors.Last("openat", name);
        }

        using var file = new SafeFileHandle(opened, ownsHandle: true);
        ThrowIfExchanged(Stat(file), seen, name);
        ClearFlagsOf(file, name);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Mount> MountsBelow(string path) => MountTable.Below(File.ReadAllText("/proc/self/mountinfo"), path);

    /// <inheritdoc/>
    public IReadOnlyList<Mount> MountsOf(uint uid) => MountTable.Of(File.ReadAllText("/proc/self/mountinfo"), uid);

    /// <inheritdoc/>
    public void Unmount(Mount mount, bool letGo = false)
    {
        // By descriptor, on a way without links: another job that still lives may own a folder on it and exchange it meanwhile.
        using var parent = OpenDirectory(Path.GetDirectoryName(mount.Point)!);
        FileName name = Path.GetFileName(mount.Point);
        var opened = openat(parent, in name.Terminated[0], OpenPathOnly | OpenNoFollow | OpenCloseOnExec);
        if (opened < 0)
        {
            throw LinuxErrors.Last("openat", mount);
        }

        using var point = new SafeFileHandle(opened, ownsHandle: true);
        if (MountTable.IdOf(File.ReadAllText($"/proc/self/fdinfo/{opened}")) is var found && found != mount.Id)
        {
            throw LinuxErrors.From("umount2", $"{mount}, where mount {found} is by now instead of {mount.Id}", 0);
        }

        if (umount2($"/proc/self/fd/{opened}", UnmountDetach | (letGo ? UnmountForce : 0)) != 0)
        {
            throw LinuxErrors.Last("umount2", mount);
        }
    }

    /// <inheritdoc/>
    public long FreeInodes(string path)
    {
        Span<ulong> status = stackalloc ulong[StatvfsWords];
        return statvfs(path, ref status[0]) != 0 ? throw LinuxErrors.Last("statvfs", path)
            : status[StatvfsFiles] == 0 ? long.MaxValue
            : (long)Math.Min(status[StatvfsFilesAvailable], long.MaxValue);
    }

    private static ReadOnlySpan<byte> Empty => [0];

    private static void ThrowIfExchanged(FileStatus found, FileStatus seen, FileName name)
    {
        if (found.Inode != seen.Inode || found.Device != seen.Device)
        {
            throw LinuxErrors.From("clear flags", $"{name}, which was exchanged meanwhile", 0);
        }
    }

    private static void ClearFlagsOf(SafeFileHandle file, FileName name)
    {
        var flags = 0;
        if (ioctl(file, GetInodeFlags, ref flags) != 0)
        {
            // File systems without such flags have none to clear.
            if (Marshal.GetLastPInvokeError() is LinuxErrors.NotATerminal or LinuxErrors.NotSupported or LinuxErrors.NotImplemented)
            {
                return;
            }

            throw LinuxErrors.Last("ioctl(FS_IOC_GETFLAGS)", name);
        }

        var cleared = flags & ~(InodeImmutable | InodeAppend);
        if (cleared != flags && ioctl(file, SetInodeFlags, ref cleared) != 0)
        {
            throw LinuxErrors.Last("ioctl(FS_IOC_SETFLAGS)", name);
        }
    }

    private static bool MayCarryFlags(Statx status)
    {
        const ulong both = AttributeImmutable | AttributeAppend;
        return (status.Attributes & both) != 0 || (status.AttributesMask & both) != both;
    }

    private static void Collect(ReadOnlySpan<byte> entries, List<ListedFile> found, int limit)
    {
        // struct linux_dirent64: inode 8, offset 8, length of the record 2, type 1, name with NUL.
        while (!entries.IsEmpty && found.Count < limit)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(entries[16..]);
            var name = entries[19..length];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                found.Add(new ListedFile(FileName.From(name), ListedFile.KindOf(entries[18])));
            }

            entries = entries[length..];
        }
    }

    private static bool Remove(SafeFileHandle parent, FileName name, int flags)
    {
        if (unlinkat(parent, in name.Terminated[0], flags) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == LinuxErrors.NotFound ? false : throw LinuxErrors.Last("unlinkat", name);
    }

    private static Statx? RawStatus(SafeFileHandle parent, FileName name)
    {
        if (statx(parent, in name.Terminated[0], NoFollow, StatxBasic, out var status) == 0)
        {
            return status;
        }

        return Marshal.GetLastPInvokeError() == LinuxErrors.NotFound ? null : throw LinuxErrors.Last("statx", name);
    }

    private static FileStatus Describe(Statx status) => new(
        Device(status),
        status.Inode,
        (status.Mode & TypeMask) switch
        {
            TypeDirectory => FileKind.Directory,
            TypeLink => FileKind.Link,
            _ => FileKind.Other,
        },
        (UnixFileMode)(status.Mode & 0xfff),
        status.Uid,
        status.Gid,
        (status.Attributes & (AttributeImmutable | AttributeAppend)) != 0);

    private static ulong Device(Statx status) => ((ulong)status.DeviceMajor << 32) | status.DeviceMinor;

    private static SafeFileHandle Handle(int descriptor, string call, string subject) =>
        descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw LinuxErrors.Last(call, subject);
}
