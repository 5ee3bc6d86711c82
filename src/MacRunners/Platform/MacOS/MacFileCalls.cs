using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using static MacRunners.Platform.MacOS.MacFileImports;

namespace MacRunners.Platform.MacOS;

/// <summary>Descriptor-relative file calls on macOS.</summary>
internal sealed unsafe class MacFileCalls : IFileCalls
{
    private const int TypeMask = 0xf000;
    private const int TypeDirectory = 0x4000;
    private const int TypeLink = 0xa000;

    private const int DirectoryFlags = OpenReadOnly | OpenDirectoryOnly | OpenNoFollow | OpenCloseOnExec;

    // uchg, uappnd, schg, sappnd, sunlnk: what root may clear. Others, such as "compressed", describe the content and stay.
    private const uint ClearableFlags = 0x2 | 0x4 | 0x20000 | 0x40000 | 0x100000;

    // Data vault and System Integrity Protection: in the way as well, but only for Apple to clear.
    private const uint ObstructingFlags = ClearableFlags | 0x80 | 0x80000;

    /// <inheritdoc/>
    public SafeFileHandle OpenDirectory(string path)
    {
        if (!path.StartsWith('/'))
        {
            throw new ArgumentException($"'{path}' is not an absolute path", nameof(path));
        }

        return Handle(open(path, OpenReadOnly | OpenDirectoryOnly | OpenNoFollowAny | OpenCloseOnExec), "open", path);
    }

    /// <inheritdoc/>
    public SafeFileHandle OpenDirectory(SafeFileHandle parent, FileName name)
    {
        var opened = openat(parent, in name.Terminated[0], DirectoryFlags);
        if (opened >= 0)
        {
            return new SafeFileHandle(opened, ownsHandle: true);
        }

        var failure = MacErrors.Last("openat", name);
        // O_DIRECTORY may report a link as "not a directory"; the caller wants to know that it was one.
        throw failure.Error is PosixError.NotADirectory && Stat(parent, name) is { Kind: FileKind.Link }
            ? MacErrors.From("openat", name, MacErrors.TooManyLinks)
            : failure;
    }

    /// <inheritdoc/>
    public FileStatus? Stat(SafeFileHandle parent, FileName name) => RawStatus(parent, name) is { } status ? Describe(status) : null;

    /// <inheritdoc/>
    public FileStatus Stat(SafeFileHandle directory) =>
        MacInodeImports.Stat(directory, out var status) == 0 ? Describe(status) : throw MacErrors.Last("fstat", "open file");

    /// <inheritdoc/>
    public IReadOnlyList<ListedFile> ListKinds(SafeFileHandle directory, int limit = int.MaxValue)
    {
        // Opened anew, so that the position is the beginning and nobody else's.
        var opened = openat(directory, in "."u8[0], DirectoryFlags);
        if (opened < 0)
        {
            // A directory that was removed while open has no entries any more.
            return Marshal.GetLastPInvokeError() == MacErrors.NotFound ? [] : throw MacErrors.Last("openat", "directory");
        }

        var stream = MacInodeImports.OpenStream(opened);
        if (stream == 0)
        {
            var failure = MacErrors.Last("fdopendir", "directory");
            _ = close(opened);
            throw failure;
        }

        try
        {
            return Entries(stream, limit);
        }
        finally
        {
            _ = closedir(stream);
        }
    }

    /// <inheritdoc/>
    public void Rename(SafeFileHandle from, FileName name, SafeFileHandle to, FileName newName)
    {
        if (renameatx_np(from, in name.Terminated[0], to, in newName.Terminated[0], RenameExclusively) != 0)
        {
            throw MacErrors.Last("renameatx_np", $"{name} to {newName}");
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
            throw MacErrors.Last("mkdirat", name);
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
            throw MacErrors.Last("fchown", "directory");
        }

        if (fchmod(directory, (uint)mode) != 0)
        {
            throw MacErrors.Last("fchmod", "directory");
        }
    }

    /// <inheritdoc/>
    public void MakeFifo(string path, UnixFileMode mode, uint uid = 0, uint gid = 0)
    {
        // Closed to everybody until owner and mode are right.
        if (mkfifo(path, 0) != 0)
        {
            throw MacErrors.Last("mkfifo", path);
        }

        // Nobody else can write to the folder, so the path still means the FIFO just made.
        if (lchown(path, uid, gid) != 0)
        {
            throw MacErrors.Last("lchown", path);
        }

        File.SetUnixFileMode(path, mode);
    }

    /// <inheritdoc/>
    public SafeFileHandle OpenFifo(string path) =>
        Handle(open(path, OpenReadOnly | OpenNonBlocking | OpenNoFollow | OpenCloseOnExec), "open", path);

    /// <inheritdoc/>
    public SafeFileHandle? OpenFifoToWrite(string path)
    {
        var opened = open(path, OpenWriteOnly | OpenNonBlocking | OpenNoFollow | OpenCloseOnExec);
        return opened < 0 && Marshal.GetLastPInvokeError() == MacErrors.NoReader ? null : Handle(opened, "open", path);
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
                case MacErrors.WouldBlock:
                    return -1;
                case MacErrors.Interrupted:
                    continue;
                default:
                    throw MacErrors.Last("read", "fifo");
            }
        }
    }

    /// <inheritdoc/>
    public void WriteFifo(SafeFileHandle fifo, ReadOnlySpan<byte> content)
    {
        var count = write(fifo, in MemoryMarshal.GetReference(content), (nuint)content.Length);
        if (count != content.Length)
        {
            throw count < 0 ? MacErrors.Last("write", "fifo") : MacErrors.From("write", "fifo, which took only a part", 0);
        }
    }

    /// <inheritdoc/>
    public void ClearFlags(SafeFileHandle parent, FileName name, FileStatus seen)
    {
        if (RawStatus(parent, name) is not { } status)
        {
            return;
        }

        ThrowIfExchanged(status, seen, name);
        if ((status.Flags & ClearableFlags) == 0)
        {
            return;
        }

        // The entry itself, were it a link; for events only, which neither waits for a FIFO's writer nor keeps a volume from being unmounted.
        var opened = openat(parent, in name.Terminated[0], OpenForEventsOnly | OpenLinkItself | OpenNonBlocking | OpenCloseOnExec);
        if (opened >= 0)
        {
            using var file = new SafeFileHandle(opened, ownsHandle: true);
            ClearFlagsOf(file, name, seen);
            return;
        }

        switch (Marshal.GetLastPInvokeError())
        {
            case MacErrors.NotFound:
                return;
            case MacErrors.NotForSockets:
                ClearFlagsOfSocket(parent, name, status.Flags);
                return;
            default:
                throw MacErrors.Last("openat", name);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Mount> MountsBelow(string path)
    {
        var top = path.TrimEnd('/');
        return DeepestFirst(Mounts().Where(mount => mount.Mount.Point == top || mount.Mount.Point.StartsWith(top + "/", StringComparison.Ordinal)));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Mount> MountsOf(uint uid) => DeepestFirst(Mounts().Where(mount => mount.Owner == uid));

    /// <inheritdoc/>
    public void Unmount(Mount mount, bool letGo = false)
    {
        // By its number. Of a path, who still lives can exchange a part for one that leads to the system's own volumes; and looking
        // into it would wait for a server that may never answer.
        Span<int> request = stackalloc int[MostSysctlLevels + 1];
        nuint levels = MostSysctlLevels;
        if (sysctlnametomib("vfs.generic.ctlbyfsid", ref request[0], ref levels) != 0)
        {
            throw MacErrors.Last("sysctlnametomib", "vfs.generic.ctlbyfsid");
        }

        request[(int)levels] = UnmountRequest;
        var flags = UnmountForce;
        var control = new FileSystemControl { Version = 1, FirstId = (int)mount.Id, SecondId = (int)(mount.Id >> 32), Value = (nint)(&flags), Size = sizeof(int) };
        if (sysctl(in request[0], (uint)levels + 1, 0, 0, in control, (nuint)sizeof(FileSystemControl)) != 0)
        {
            throw MacErrors.Last("unmount", mount);
        }
    }

    private static void ClearFlagsOf(SafeFileHandle file, FileName name, FileStatus seen)
    {
        if (MacInodeImports.Stat(file, out var opened) != 0)
        {
            throw MacErrors.Last("fstat", name);
        }

        ThrowIfExchanged(opened, seen, name);
        if (fchflags(file, opened.Flags & ~ClearableFlags) != 0)
        {
            throw MacErrors.Last("fchflags", name);
        }
    }

    // macOS opens no socket, so by name. None of another's can have come there meanwhile: what has such a flag is neither renamed nor linked.
    private static void ClearFlagsOfSocket(SafeFileHandle parent, FileName name, uint flags)
    {
        var attributes = new AttributeList { Count = AttributeListCount, Common = CommonAttributeFlags };
        var cleared = flags & ~ClearableFlags;
        if (setattrlistat(parent, in name.Terminated[0], in attributes, in cleared, sizeof(uint), SetAttributesNoFollow) != 0
            && Marshal.GetLastPInvokeError() != MacErrors.NotFound)
        {
            throw MacErrors.Last("setattrlistat", name);
        }
    }

    private static void ThrowIfExchanged(StatBuffer found, FileStatus seen, FileName name)
    {
        if (found.Inode != seen.Inode || (uint)found.Device != seen.Device)
        {
            throw MacErrors.From("clear flags", $"{name}, which was exchanged meanwhile", 0);
        }
    }

    private static List<ListedFile> Entries(nint stream, int limit)
    {
        var found = new List<ListedFile>();
        while (found.Count < limit)
        {
            var entry = MacInodeImports.ReadStream(stream);
            if (entry is null)
            {
                return Marshal.GetLastPInvokeError() is 0 or MacErrors.NotFound ? found : throw MacErrors.Last("readdir", "directory");
            }

            var name = new ReadOnlySpan<byte>(&entry->Name, entry->NameLength);
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                found.Add(new ListedFile(FileName.From(name), ListedFile.KindOf(entry->Type)));
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public long FreeInodes(string path)
    {
        // Not statvfs, whose numbers have 32 bits and wrap.
        var status = stackalloc byte[MountSize];
        return MacInodeImports.FileSystemStatus(path, status) == 0
            ? (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(status + MountFilesFreeOffset, sizeof(ulong))), long.MaxValue)
            : throw MacErrors.Last("statfs", path);
    }

    // Of several on one point the topmost first.
    private static IReadOnlyList<Mount> DeepestFirst(IEnumerable<ListedMount> mounts) =>
        [.. mounts.Select(mount => mount.Mount).Reverse().OrderByDescending(mount => mount.Point.Count(c => c == '/'))];

    private static List<ListedMount> Mounts()
    {
        // Room for some that appear in between.
        const int spare = 16;
        while (true)
        {
            var expected = MacInodeImports.Mounts(null, 0, MountsNoWait);
            if (expected < 0)
            {
                throw MacErrors.Last("getfsstat", "mounts");
            }

            var buffer = new byte[(expected + spare) * MountSize];
            fixed (byte* start = buffer)
            {
                var count = MacInodeImports.Mounts(start, buffer.Length, MountsNoWait);
                if (count < 0)
                {
                    throw MacErrors.Last("getfsstat", "mounts");
                }

                if (count < expected + spare)
                {
                    return [.. Enumerable.Range(0, count).Select(index => ReadMount(buffer.AsSpan(index * MountSize, MountSize)))];
                }
            }
        }
    }

    private static ListedMount ReadMount(ReadOnlySpan<byte> mount)
    {
        var field = mount.Slice(MountPointOffset, MountPointSize);
        var end = field.IndexOf((byte)0);
        return new ListedMount(
            new Mount(Encoding.UTF8.GetString(end < 0 ? field : field[..end]), BinaryPrimitives.ReadUInt64LittleEndian(mount[MountIdOffset..])),
            BinaryPrimitives.ReadUInt32LittleEndian(mount[MountOwnerOffset..]));
    }

    private static bool Remove(SafeFileHandle parent, FileName name, int flags)
    {
        if (unlinkat(parent, in name.Terminated[0], flags) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == MacErrors.NotFound ? false : throw MacErrors.Last("unlinkat", name);
    }

    private static StatBuffer? RawStatus(SafeFileHandle parent, FileName name)
    {
        if (MacInodeImports.Stat(parent, in name.Terminated[0], out var status, NoFollow) == 0)
        {
            return status;
        }

        return Marshal.GetLastPInvokeError() == MacErrors.NotFound ? null : throw MacErrors.Last("fstatat", name);
    }

    private static FileStatus Describe(StatBuffer status) => new(
        (uint)status.Device,
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
        (status.Flags & ObstructingFlags) != 0);

    private static SafeFileHandle Handle(int descriptor, string call, string subject) =>
        descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw MacErrors.Last(call, subject);

    private readonly record struct ListedMount(Mount Mount, uint Owner);
}
