using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Platform.MacOS;

/// <summary>
/// File calls of libSystem and Darwin's values of their constants. None is variadic, but for <c>open</c> and
/// <c>openat</c>, which are only called without a mode: on Apple silicon variadic arguments travel on the stack, where a
/// P/Invoke does not put them.
/// </summary>
internal static unsafe partial class MacFileImports
{
    internal const int OpenReadOnly = 0;
    internal const int OpenWriteOnly = 1;
    internal const int OpenReadWrite = 2;
    internal const int OpenNonBlocking = 0x4;
    internal const int OpenNoFollow = 0x100;
    internal const int OpenForEventsOnly = 0x8000;
    internal const int OpenDirectoryOnly = 0x100000;

    /// <summary>O_SYMLINK: opens a link itself, where <see cref="OpenNoFollow"/> would fail.</summary>
    internal const int OpenLinkItself = 0x200000;
    internal const int OpenCloseOnExec = 0x1000000;
    internal const int OpenNoFollowAny = 0x20000000;
    internal const int NoFollow = 0x20;
    internal const int RemoveDirectoryFlag = 0x80;
    internal const uint RenameExclusively = 4;
    internal const uint SetAttributesNoFollow = 1;
    internal const uint CommonAttributeFlags = 0x00040000;
    internal const ushort AttributeListCount = 5;
    internal const int MountsNoWait = 2;
    internal const int UnmountForce = 0x80000;
    internal const int MountSize = 2168;
    internal const int MountIdOffset = 48;
    internal const int MountOwnerOffset = 56;

    /// <summary>VFS_CTL_UMOUNT.</summary>
    internal const int UnmountRequest = 0x10002;

    /// <summary>CTL_MAXNAME.</summary>
    internal const int MostSysctlLevels = 12;

    /// <summary>FIOCLEX.</summary>
    internal const nuint CloseOnExecRequest = 0x20006601;
    internal const int MountPointOffset = 88;
    internal const int MountPointSize = 1024;
    internal const int MountFilesFreeOffset = 40;

    [LibraryImport("libSystem.dylib", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int openat(SafeFileHandle directory, in byte name, int flags);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial nint read(SafeFileHandle file, ref byte buffer, nuint size);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial nint write(SafeFileHandle file, in byte buffer, nuint size);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int close(int file);

    /// <summary>Variadic, but <see cref="CloseOnExecRequest"/> has no third argument, so nothing is passed in the way that differs.</summary>
    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int ioctl(int file, nuint request);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int renameatx_np(SafeFileHandle from, in byte name, SafeFileHandle to, in byte newName, uint flags);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int unlinkat(SafeFileHandle directory, in byte name, int flags);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int mkdirat(SafeFileHandle directory, in byte name, uint mode);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int fchown(SafeFileHandle file, uint uid, uint gid);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int fchmod(SafeFileHandle file, uint mode);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int fchflags(SafeFileHandle file, uint flags);

    [LibraryImport("libSystem.dylib", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mkfifo(string path, uint mode);

    [LibraryImport("libSystem.dylib", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int lchown(string path, uint uid, uint gid);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int setattrlistat(
        SafeFileHandle directory, in byte name, in AttributeList attributes, in uint values, nuint size, uint options);

    [LibraryImport("libSystem.dylib", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sysctlnametomib(string name, ref int mib, ref nuint levels);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int sysctl(in int mib, uint levels, nint old, nint oldSize, in FileSystemControl value, nuint size);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int closedir(nint stream);

    /// <summary><c>struct attrlist</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct AttributeList
    {
        public ushort Count;
        public ushort Reserved;
        public uint Common;
        public uint Volume;
        public uint Directory;
        public uint File;
        public uint Fork;
    }

    /// <summary><c>struct vfsidctl</c>: what to do with the file system of an id.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 80)]
    internal struct FileSystemControl
    {
        [FieldOffset(0)]
        public int Version;

        [FieldOffset(4)]
        public int FirstId;

        [FieldOffset(8)]
        public int SecondId;

        [FieldOffset(16)]
        public nint Value;

        [FieldOffset(24)]
        public nuint Size;
    }

    /// <summary><c>struct stat</c> with 64-bit inode numbers, as far as it is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    internal struct StatBuffer
    {
        [FieldOffset(0)]
        public int Device;

        [FieldOffset(4)]
        public ushort Mode;

        [FieldOffset(8)]
        public ulong Inode;

        [FieldOffset(16)]
        public uint Uid;

        [FieldOffset(20)]
        public uint Gid;

        [FieldOffset(116)]
        public uint Flags;
    }

    /// <summary><c>struct dirent</c> with 64-bit inode numbers, up to the name.</summary>
    [StructLayout(LayoutKind.Explicit)]
    internal struct DirectoryEntry
    {
        [FieldOffset(18)]
        public ushort NameLength;

        [FieldOffset(20)]
        public byte Type;

        [FieldOffset(21)]
        public byte Name;
    }
}
