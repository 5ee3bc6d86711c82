using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Platform.Linux;

/// <summary>File calls of glibc and their constants. <c>statx</c> instead of <c>stat</c>: the same layout on every architecture.</summary>
internal static partial class LinuxFileImports
{
    internal const int OpenReadOnly = 0;
    internal const int OpenWriteOnly = 1;
    internal const int OpenReadWrite = 2;
    internal const int OpenNonBlocking = 0x800;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int OpenPathOnly = 0x200000;
    internal const int NoFollow = 0x100;
    internal const int EmptyPath = 0x1000;
    internal const int RemoveDirectoryFlag = 0x200;
    internal const uint NoReplace = 1;
    internal const uint StatxBasic = 0x7ff;
    internal const ulong AttributeImmutable = 0x10;
    internal const ulong AttributeAppend = 0x20;
    internal const int InodeImmutable = 0x10;
    internal const int InodeAppend = 0x20;
    internal const nuint GetInodeFlags = 0x80086601;
    internal const nuint SetInodeFlags = 0x40086602;
    internal const int UnmountForce = 1;
    internal const int UnmountDetach = 2;
    internal const int UnmountNoFollow = 8;

    // struct statvfs of 64-bit systems: words, and two of them.
    internal const int StatvfsWords = 16;
    internal const int StatvfsFiles = 5;
    internal const int StatvfsFilesAvailable = 7;

    // The two differ between the processor families of Linux.
    internal static readonly int OpenDirectoryOnly = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
    internal static readonly int OpenNoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rmdir(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statvfs(string path, ref ulong status);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int openat(SafeFileHandle directory, in byte name, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint read(SafeFileHandle file, ref byte buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint write(SafeFileHandle file, in byte buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int statx(SafeFileHandle directory, in byte name, int flags, uint mask, out Statx status);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint getdents64(SafeFileHandle directory, ref byte buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial long lseek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int renameat2(SafeFileHandle from, in byte name, SafeFileHandle to, in byte newName, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int unlinkat(SafeFileHandle directory, in byte name, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int mkdirat(SafeFileHandle directory, in byte name, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fchown(SafeFileHandle file, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fchmod(SafeFileHandle file, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int lchown(string path, uint uid, uint gid);

    /// <summary>Variadic, which Linux passes like any other argument; the macOS code must not do this.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(SafeFileHandle file, nuint request, ref int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int umount2(string path, int flags);

    /// <summary><c>struct statx</c>, as far as it is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Statx
    {
        [FieldOffset(8)]
        public ulong Attributes;

        [FieldOffset(20)]
        public uint Uid;

        [FieldOffset(24)]
        public uint Gid;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(56)]
        public ulong AttributesMask;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
