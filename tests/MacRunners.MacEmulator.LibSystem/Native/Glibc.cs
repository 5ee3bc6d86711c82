using System.Runtime.InteropServices;

namespace MacRunners.MacEmulator.LibSystem.Native;

/// <summary>
/// The calls behind the exports. Bound to <c>libc.so.6</c> by name and looked up there at run time: this library exports
/// some of the same names, so nothing may be left to the linker.
/// </summary>
internal static unsafe partial class Glibc
{
    private const string Library = "libc.so.6";

    [LibraryImport(Library, EntryPoint = "__errno_location")]
    internal static partial int* ErrnoLocation();

    // Variadic on Linux means the same registers, so syscall() can be bound here (not on arm64 macOS).
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport(Library, EntryPoint = "openat", SetLastError = true)]
    internal static partial int OpenAt(int directory, byte* path, int flags);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, byte* buffer, nuint size);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, byte* buffer, nuint size);

    [LibraryImport(Library, EntryPoint = "readlink", SetLastError = true)]
    internal static partial nint ReadLink(byte* path, byte* buffer, nuint size);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int GetSocketOption(int socket, int level, int name, void* value, uint* size);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "malloc")]
    internal static partial void* Allocate(nuint size);

    [LibraryImport(Library, EntryPoint = "dup2", SetLastError = true)]
    internal static partial int Duplicate(int from, int to);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(int descriptor, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int DeviceControl(int descriptor, nuint request, void* argument);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    internal static partial int Status(int directory, byte* path, int flags, uint mask, LinuxStatus* status);

    [LibraryImport(Library, EntryPoint = "statfs", SetLastError = true)]
    internal static partial int FileSystemStatus(byte* path, LinuxFileSystem* status);

    [LibraryImport(Library, EntryPoint = "fdopendir", SetLastError = true)]
    internal static partial nint OpenStream(int descriptor);

    [LibraryImport(Library, EntryPoint = "opendir", SetLastError = true)]
    internal static partial nint OpenStream(byte* path);

    [LibraryImport(Library, EntryPoint = "readdir", SetLastError = true)]
    internal static partial LinuxDirectoryEntry* ReadStream(nint stream);

    [LibraryImport(Library, EntryPoint = "rewinddir")]
    internal static partial void RewindStream(nint stream);

    [LibraryImport(Library, EntryPoint = "dirfd", SetLastError = true)]
    internal static partial int DescriptorOf(nint stream);

    [LibraryImport(Library, EntryPoint = "closedir", SetLastError = true)]
    internal static partial int CloseStream(nint stream);

    [LibraryImport(Library, EntryPoint = "renameat2", SetLastError = true)]
    internal static partial int Rename(int fromDirectory, byte* from, int toDirectory, byte* to, uint flags);

    [LibraryImport(Library, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int Unlink(int directory, byte* path, int flags);

    [LibraryImport(Library, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int MakeDirectory(int directory, byte* path, uint mode);

    [LibraryImport(Library, EntryPoint = "mkfifoat", SetLastError = true)]
    internal static partial int MakeFifo(int directory, byte* path, uint mode);

    [LibraryImport(Library, EntryPoint = "fchown", SetLastError = true)]
    internal static partial int ChangeOwner(int descriptor, uint uid, uint gid);

    [LibraryImport(Library, EntryPoint = "fchownat", SetLastError = true)]
    internal static partial int ChangeOwner(int directory, byte* path, uint uid, uint gid, int flags);

    [LibraryImport(Library, EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int ChangeMode(int descriptor, uint mode);

    [LibraryImport(Library, EntryPoint = "umount2", SetLastError = true)]
    internal static partial int Unmount(byte* path, int flags);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport(Library, EntryPoint = "setsid", SetLastError = true)]
    internal static partial int StartSession();

    [LibraryImport(Library, EntryPoint = "getpgid", SetLastError = true)]
    internal static partial int ProcessGroup(int pid);

    [LibraryImport(Library, EntryPoint = "getsid", SetLastError = true)]
    internal static partial int Session(int pid);

    [LibraryImport(Library, EntryPoint = "setrlimit", SetLastError = true)]
    internal static partial int SetLimit(int resource, ResourceLimits* limits);

    [LibraryImport(Library, EntryPoint = "getrlimit", SetLastError = true)]
    internal static partial int GetLimit(int resource, ResourceLimits* limits);

    [LibraryImport(Library, EntryPoint = "getdtablesize")]
    internal static partial int DescriptorTableSize();

    [LibraryImport(Library, EntryPoint = "umask")]
    internal static partial uint SetMask(uint mask);

    [LibraryImport(Library, EntryPoint = "initgroups", SetLastError = true)]
    internal static partial int InitializeGroups(byte* name, uint gid);

    [LibraryImport(Library, EntryPoint = "setgroups", SetLastError = true)]
    internal static partial int SetGroups(nuint count, uint* groups);

    [LibraryImport(Library, EntryPoint = "getgroups", SetLastError = true)]
    internal static partial int GetGroups(int count, uint* groups);

    [LibraryImport(Library, EntryPoint = "setgid", SetLastError = true)]
    internal static partial int SetGid(uint gid);

    [LibraryImport(Library, EntryPoint = "setuid", SetLastError = true)]
    internal static partial int SetUid(uint uid);

    [LibraryImport(Library, EntryPoint = "seteuid", SetLastError = true)]
    internal static partial int SetEffectiveUid(uint uid);

    [LibraryImport(Library, EntryPoint = "getuid")]
    internal static partial uint GetUid();

    [LibraryImport(Library, EntryPoint = "geteuid")]
    internal static partial uint GetEffectiveUid();

    [LibraryImport(Library, EntryPoint = "getgid")]
    internal static partial uint GetGid();

    [LibraryImport(Library, EntryPoint = "getegid")]
    internal static partial uint GetEffectiveGid();

    [LibraryImport(Library, EntryPoint = "getpid")]
    internal static partial int GetPid();

    [LibraryImport(Library, EntryPoint = "getppid")]
    internal static partial int GetParentPid();

    [LibraryImport(Library, EntryPoint = "chdir", SetLastError = true)]
    internal static partial int ChangeDirectory(byte* path);

    [LibraryImport(Library, EntryPoint = "fchdir", SetLastError = true)]
    internal static partial int ChangeDirectory(int descriptor);

    [LibraryImport(Library, EntryPoint = "signal", SetLastError = true)]
    internal static partial nint SetHandler(int signal, nint handler);

    [LibraryImport(Library, EntryPoint = "pthread_sigmask")]
    internal static partial int SetSignalMask(int how, ulong* set, ulong* previous);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    internal static partial int ControlProcess(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library, EntryPoint = "execve", SetLastError = true)]
    internal static partial int Execute(byte* path, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "getpwnam_r")]
    internal static partial int FindUser(byte* name, LinuxUser* user, byte* buffer, nuint size, LinuxUser** result);

    [LibraryImport(Library, EntryPoint = "getpwuid_r")]
    internal static partial int FindUser(uint uid, LinuxUser* user, byte* buffer, nuint size, LinuxUser** result);

    // struct group has the same layout on both systems.
    [LibraryImport(Library, EntryPoint = "getgrnam_r")]
    internal static partial int FindGroup(byte* name, void* group, byte* buffer, nuint size, void** result);

    [LibraryImport(Library, EntryPoint = "getgrgid_r")]
    internal static partial int FindGroup(uint gid, void* group, byte* buffer, nuint size, void** result);

    [LibraryImport(Library, EntryPoint = "get_nprocs")]
    internal static partial int Processors();

    [LibraryImport(Library, EntryPoint = "sysconf", SetLastError = true)]
    internal static partial nint Configuration(int name);
}
