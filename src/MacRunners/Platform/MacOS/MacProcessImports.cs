using System.Runtime.InteropServices;

namespace MacRunners.Platform.MacOS;

/// <summary>Calls of libSystem about processes, identities and signals, with Darwin's numbers. None is variadic.</summary>
internal static unsafe partial class MacProcessImports
{
    internal const uint ListAll = 1;
    internal const uint ListByEffectiveUid = 4;
    internal const uint ListByRealUid = 5;
    internal const int BasicInformation = 3;
    internal const int ResourceFileSize = 1;
    internal const int ResourceCore = 4;
    internal const int ResourceProcesses = 7;
    internal const int ResourceOpenFiles = 8;
    internal const int SignalKill = 9;
    internal const int LastSignal = 31;
    internal const int SetSignalMask = 3;
    internal const int DiskPolicy = 0;
    internal const int PolicyOfThread = 1;
    internal const int PolicyThrottle = 3;
    internal const int QualityBackground = 9;

    /// <summary><c>POSIX_SPAWN_SETEXEC</c>: the caller's program is replaced, as by <c>execve</c>.</summary>
    internal const short SpawnInPlace = 0x40;

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int proc_listpids(uint type, uint value, int* buffer, int size);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int proc_pidinfo(int pid, int flavour, ulong argument, byte* buffer, int size);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int kill(int pid, int signal);

    /// <summary>
    /// The system call behind <c>kill</c>. With 0 for <paramref name="posix"/> a signal to −1 leaves the caller out and
    /// fails with ESRCH when it found nobody; the function of the C library would kill the caller too.
    /// </summary>
    [LibraryImport("libSystem.dylib", EntryPoint = "__kill", SetLastError = true)]
    internal static partial int KillSystemCall(int pid, int signal, int posix);

    [LibraryImport("libSystem.dylib")]
    internal static partial int setiopolicy_np(int kind, int scope, int policy);

    [LibraryImport("libSystem.dylib")]
    internal static partial int pthread_set_qos_class_self_np(int quality, int relative);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int setsid();

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int getrlimit(int resource, out Limits limits);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int setrlimit(int resource, in Limits limits);

    // mode_t has 16 bits here: nothing is said about the rest of the register.
    [LibraryImport("libSystem.dylib")]
    internal static partial ushort umask(ushort mask);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int dup2(int from, int to);

    [LibraryImport("libSystem.dylib", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int initgroups(string name, int group);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int setgroups(int count, in uint groups);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int setgid(uint gid);

    [LibraryImport("libSystem.dylib", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int setlogin(string name);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int setuid(uint uid);

    [LibraryImport("libSystem.dylib", SetLastError = true)]
    internal static partial int seteuid(uint uid);

    [LibraryImport("libSystem.dylib")]
    internal static partial uint getuid();

    [LibraryImport("libSystem.dylib")]
    internal static partial uint geteuid();

    [LibraryImport("libSystem.dylib")]
    internal static partial uint getgid();

    [LibraryImport("libSystem.dylib")]
    internal static partial uint getegid();

    [LibraryImport("libSystem.dylib")]
    internal static partial nint signal(int number, nint handler);

    [LibraryImport("libSystem.dylib")]
    internal static partial int sigprocmask(int how, uint* set, uint* old);

    /// <summary>The attributes, which the pointer points to, are libSystem's own. The result is the error.</summary>
    [LibraryImport("libSystem.dylib")]
    internal static partial int posix_spawnattr_init(out nint attributes);

    [LibraryImport("libSystem.dylib")]
    internal static partial int posix_spawnattr_setflags(ref nint attributes, short flags);

    /// <summary>In no public header, but exported since macOS 10.14 and used by browsers, debuggers and terminals: what is spawned is its own responsible process.</summary>
    [LibraryImport("libSystem.dylib")]
    internal static partial int responsibility_spawnattrs_setdisclaim(ref nint attributes, int disclaim);

    [LibraryImport("libSystem.dylib")]
    internal static partial int posix_spawn(int* pid, byte* program, nint fileActions, in nint attributes, byte** arguments, byte** environment);

    [LibraryImport("libSystem.dylib", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sysctlbyname(string name, byte* value, ref nuint size, byte* newValue, nuint newSize);

    /// <summary><c>struct rlimit</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Limits
    {
        public ulong Soft;
        public ulong Hard;
    }
}
