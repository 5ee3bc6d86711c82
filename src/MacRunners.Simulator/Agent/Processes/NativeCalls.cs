using System.Runtime.InteropServices;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>The C library as far as the stub agent needs it: starting, signalling and reaping children, pipes and terminals.</summary>
/// <remarks>Every function bound here has a fixed argument list except <see cref="Fcntl"/>, which is called on Linux only.</remarks>
internal static unsafe partial class NativeCalls
{
    private const string C = "libc";

    [LibraryImport(C, EntryPoint = "posix_spawn")]
    internal static partial int PosixSpawn(out int pid, byte* path, void* fileActions, void* attributes, byte** argv, byte** envp);

    [LibraryImport(C, EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int FileActionsInit(void* fileActions);

    [LibraryImport(C, EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int FileActionsDestroy(void* fileActions);

    [LibraryImport(C, EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int FileActionsAddOpen(void* fileActions, int fd, string path, int flags, uint mode);

    [LibraryImport(C, EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int FileActionsAddDup2(void* fileActions, int from, int to);

    [LibraryImport(C, EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int FileActionsAddChdir(void* fileActions, string path);

    [LibraryImport(C, EntryPoint = "posix_spawnattr_init")]
    internal static partial int AttributesInit(void* attributes);

    [LibraryImport(C, EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int AttributesDestroy(void* attributes);

    [LibraryImport(C, EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int AttributesSetFlags(void* attributes, short flags);

    [LibraryImport(C, EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int AttributesSetSignalDefaults(void* attributes, void* set);

    [LibraryImport(C, EntryPoint = "posix_spawnattr_setsigmask")]
    internal static partial int AttributesSetSignalMask(void* attributes, void* set);

    [LibraryImport(C, EntryPoint = "sigfillset")]
    internal static partial int SignalSetFill(void* set);

    [LibraryImport(C, EntryPoint = "sigemptyset")]
    internal static partial int SignalSetClear(void* set);

    [LibraryImport(C, EntryPoint = "openpty", SetLastError = true)]
    internal static partial int OpenTerminal(out int master, out int slave, byte* name, void* settings, WindowSize* size);

    [LibraryImport(C, EntryPoint = "ptsname")]
    internal static partial byte* TerminalName(int master);

    [LibraryImport(C, EntryPoint = "login_tty", SetLastError = true)]
    internal static partial int TakeTerminal(int slave);

    [LibraryImport(C, EntryPoint = "execve", SetLastError = true)]
    internal static partial int Execve(byte* path, byte** argv, byte** envp);

    [LibraryImport(C, EntryPoint = "pipe", SetLastError = true)]
    internal static partial int Pipe(int* ends);

    [LibraryImport(C, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Fcntl(int fd, int command, int argument);

    [LibraryImport(C, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int fd);

    [LibraryImport(C, EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int fd, byte* buffer, nint count);

    [LibraryImport(C, EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int fd, byte* buffer, nint count);

    [LibraryImport(C, EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport(C, EntryPoint = "waitpid", SetLastError = true)]
    internal static partial int WaitPid(int pid, out int status, int options);

    [LibraryImport(C, EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport(C, EntryPoint = "signal", SetLastError = true)]
    internal static partial nint SetSignalAction(int signal, nint action);

    [LibraryImport(C, EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "_NSGetArgv")]
    internal static partial byte*** DarwinArguments();

    [StructLayout(LayoutKind.Sequential)]
    internal struct WindowSize
    {
        internal ushort Rows;
        internal ushort Columns;
        internal ushort Width;
        internal ushort Height;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        internal int Fd;
        internal short Events;
        internal short Results;
    }
}
