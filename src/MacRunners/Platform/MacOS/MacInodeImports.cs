using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static MacRunners.Platform.MacOS.MacFileImports;

namespace MacRunners.Platform.MacOS;

/// <summary>
/// The calls whose structures hold inode numbers. On Intel the plain names still mean the old 32-bit layout and the
/// present one has a suffix; Apple silicon never had the old one.
/// </summary>
internal static unsafe partial class MacInodeImports
{
    internal static readonly bool HasSuffix = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    internal static int Stat(SafeFileHandle directory, in byte name, out StatBuffer status, int flags) =>
        HasSuffix ? fstatat_suffixed(directory, in name, out status, flags) : fstatat_plain(directory, in name, out status, flags);

    internal static int Stat(SafeFileHandle file, out StatBuffer status) =>
        HasSuffix ? fstat_suffixed(file, out status) : fstat_plain(file, out status);

    internal static nint OpenStream(int file) => HasSuffix ? fdopendir_suffixed(file) : fdopendir_plain(file);

    internal static DirectoryEntry* ReadStream(nint stream) => HasSuffix ? readdir_suffixed(stream) : readdir_plain(stream);

    internal static int Mounts(byte* buffer, int size, int flags) =>
        HasSuffix ? getfsstat_suffixed(buffer, size, flags) : getfsstat_plain(buffer, size, flags);

    /// <summary>The file system of a path.</summary>
    internal static int FileSystemStatus(string path, byte* buffer) => HasSuffix ? statfs_suffixed(path, buffer) : statfs_plain(path, buffer);

    [LibraryImport("libSystem.dylib", EntryPoint = "fstatat", SetLastError = true)]
    private static partial int fstatat_plain(SafeFileHandle directory, in byte name, out StatBuffer status, int flags);

    [LibraryImport("libSystem.dylib", EntryPoint = "fstatat$INODE64", SetLastError = true)]
    private static partial int fstatat_suffixed(SafeFileHandle directory, in byte name, out StatBuffer status, int flags);

    [LibraryImport("libSystem.dylib", EntryPoint = "fstat", SetLastError = true)]
    private static partial int fstat_plain(SafeFileHandle file, out StatBuffer status);

    [LibraryImport("libSystem.dylib", EntryPoint = "fstat$INODE64", SetLastError = true)]
    private static partial int fstat_suffixed(SafeFileHandle file, out StatBuffer status);

    [LibraryImport("libSystem.dylib", EntryPoint = "fdopendir", SetLastError = true)]
    private static partial nint fdopendir_plain(int file);

    [LibraryImport("libSystem.dylib", EntryPoint = "fdopendir$INODE64", SetLastError = true)]
    private static partial nint fdopendir_suffixed(int file);

    [LibraryImport("libSystem.dylib", EntryPoint = "readdir", SetLastError = true)]
    private static partial DirectoryEntry* readdir_plain(nint stream);

    [LibraryImport("libSystem.dylib", EntryPoint = "readdir$INODE64", SetLastError = true)]
    private static partial DirectoryEntry* readdir_suffixed(nint stream);

    [LibraryImport("libSystem.dylib", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statfs_plain(string path, byte* buffer);

    [LibraryImport("libSystem.dylib", EntryPoint = "statfs$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statfs_suffixed(string path, byte* buffer);

    [LibraryImport("libSystem.dylib", EntryPoint = "getfsstat", SetLastError = true)]
    private static partial int getfsstat_plain(byte* buffer, int size, int flags);

    [LibraryImport("libSystem.dylib", EntryPoint = "getfsstat$INODE64", SetLastError = true)]
    private static partial int getfsstat_suffixed(byte* buffer, int size, int flags);
}
