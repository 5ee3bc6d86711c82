using System.Runtime.InteropServices;

namespace MacRunners.MacEmulator.Native;

/// <summary>The Linux calls the emulated commands are made of.</summary>
internal static partial class Libc
{
    internal const int NoFollow = 0x20000;
    internal const int DirectoryOnly = 0x10000;
    internal const int PathOnly = 0x200000;
    internal const int ReadWrite = 2;
    internal const int Create = 0x40;
    internal const int CloseOnExec = 0x80000;
    internal const int AtRemoveDirectory = 0x200;
    internal const int AtSymlinkNoFollow = 0x100;
    internal const int LockExclusive = 2;
    internal const int LockWithoutWaiting = 4;
    internal const int AppendTo = 0x441;
    internal const int SetDescriptorFlags = 2;
    internal const int CloseOnExecFlag = 1;
    internal const int LimitOpenFiles = 7;
    internal const ulong MountBind = 4096;
    internal const int UnmountDetach = 2;
    internal const int UnmountNoFollow = 8;
    internal const int SignalKill = 9;
    internal const int SignalTerminate = 15;
    internal const int RemoveId = 0;

    internal const int NotPermitted = 1;
    internal const int NoEntry = 2;
    internal const int NoProcess = 3;
    internal const int Interrupted = 4;
    internal const int Exists = 17;
    internal const int IsDirectory = 21;

    /// <summary>Throws with the call's name and what it was about unless the result is zero.</summary>
    internal static void Check(int result, string call, string subject)
    {
        if (result != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw new IOException($"{call}({subject}) failed: {Marshal.GetPInvokeErrorMessage(error)} (errno {error})");
        }
    }

    /// <summary>Owner and group of the entry itself.</summary>
    internal static unsafe (uint Uid, uint Gid) OwnerOf(string path)
    {
        const int structureWords = 64;
        const int basicStatus = 0x7ff;
        var buffer = stackalloc uint[structureWords];
        Check(ExtendedStatus(-100, path, AtSymlinkNoFollow, basicStatus, buffer), "statx", path);

        // struct statx: mask, blksize, attributes (64 bits), nlink, uid, gid, ...
        return (buffer[5], buffer[6]);
    }

    [LibraryImport("libc", EntryPoint = "shmctl", SetLastError = true)]
    internal static partial int RemoveSharedMemory(int id, int command, nint buffer);

    [LibraryImport("libc", EntryPoint = "semctl", SetLastError = true)]
    internal static partial int RemoveSemaphores(int id, int number, int command);

    [LibraryImport("libc", EntryPoint = "msgctl", SetLastError = true)]
    internal static partial int RemoveQueue(int id, int command, nint buffer);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUid();

    [LibraryImport("libc", EntryPoint = "getuid")]
    internal static partial uint RealUid();

    [LibraryImport("libc", EntryPoint = "getpid")]
    internal static partial int ProcessId();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    internal static partial int StartSession();

    // Variadic on Linux means the same registers.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Flock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(int descriptor, int command, nint argument);

    // Variadic on Linux means the same registers.
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static unsafe partial int DeviceControl(int descriptor, nuint request, long* argument);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    internal static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeDirectory(string path);

    [LibraryImport("libc", EntryPoint = "umask")]
    internal static partial uint SetFileMask(uint mask);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    internal static unsafe partial int GetLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    internal static unsafe partial int SetLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "lckpwdf", SetLastError = true)]
    internal static partial int LockPasswordFiles();

    [LibraryImport("libc", EntryPoint = "ulckpwdf", SetLastError = true)]
    internal static partial int UnlockPasswordFiles();

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Link(string existing, string created);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    internal static partial int ChangeOwner(int descriptor, uint uid, uint gid);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int ExtendedStatus(int directory, string path, int flags, uint mask, uint* buffer);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Mount(string source, string target, string? type, ulong flags, string? data);

    // Not in every glibc. Register arguments only, so the variadic syscall() can be bound on Linux.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long OpenTree(long number, int directory, string path, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long SetMountAttributes(long number, int directory, string path, uint flags, in MountAttributes attributes, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial long MoveMount(long number, int fromDirectory, string fromPath, int toDirectory, string toPath, uint flags);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Unmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    internal static unsafe partial int UnlinkAt(int directory, byte* name, int flags);

    [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true)]
    internal static partial nint OpenDirectoryStream(int descriptor);

    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    internal static partial nint ReadDirectory(nint stream);

    [LibraryImport("libc", EntryPoint = "dirfd", SetLastError = true)]
    internal static partial int DescriptorOf(nint stream);

    [LibraryImport("libc", EntryPoint = "closedir", SetLastError = true)]
    internal static partial int CloseDirectory(nint stream);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    // openat2 has no wrapper in glibc. Six register arguments at most, so the variadic syscall() can be bound on Linux.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static unsafe partial long OpenAt2(long number, int directory, byte* path, OpenHow* how, nuint size);

    [LibraryImport("libc", EntryPoint = "execvp", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial int Execute(string program, byte** arguments);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    internal static partial nint SetSignalHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "sigemptyset", SetLastError = true)]
    internal static unsafe partial int EmptySignalSet(byte* set);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask", SetLastError = true)]
    internal static unsafe partial int SetSignalMask(int how, byte* set, byte* old);

    [LibraryImport("libc", EntryPoint = "getpwnam", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial PasswordEntry* FindUser(string name);

    [LibraryImport("libc", EntryPoint = "getpwuid", SetLastError = true)]
    internal static unsafe partial PasswordEntry* FindUser(uint uid);

    [LibraryImport("libc", EntryPoint = "getgrgid", SetLastError = true)]
    internal static unsafe partial GroupEntry* FindGroup(uint gid);

    [LibraryImport("libc", EntryPoint = "getgrouplist", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial int GroupsOf(string name, uint gid, uint* groups, int* count);
}

/// <summary><c>struct open_how</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    internal const long SystemCall = 437;
    internal const ulong NoMountCrossing = 1;
    internal const ulong NoSymlinks = 4;
    internal const ulong Beneath = 8;

    internal ulong Flags;
    internal ulong Mode;
    internal ulong Resolve;
}

/// <summary><c>struct passwd</c> of glibc.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PasswordEntry
{
    internal nint Name;
    internal nint Password;
    internal uint Uid;
    internal uint Gid;
    internal nint Gecos;
    internal nint Home;
    internal nint Shell;
}

/// <summary><c>struct group</c> of glibc.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GroupEntry
{
    internal nint Name;
    internal nint Password;
    internal uint Gid;
    internal nint Members;
}
