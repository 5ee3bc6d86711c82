using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Platform.Linux;

/// <summary>Calls of glibc about processes, identities and signals.</summary>
internal static unsafe partial class LinuxProcessImports
{
    internal const int ResourceFileSize = 1;
    internal const int ResourceCore = 4;
    internal const int ResourceProcesses = 6;
    internal const int ResourceOpenFiles = 7;
    internal const int SignalKill = 9;
    internal const int LastSignal = 64;
    internal const int SetSignalMask = 2;
    internal const int SignalSetSize = 128;
    internal const uint CloseRangeOnExec = 4;

    /// <summary>FIOCLEX.</summary>
    internal const nuint CloseOnExec = 0x5451;

    // The same numbers on every architecture that .NET runs on.
    private const nint SystemCallPidfdSendSignal = 424;
    private const nint SystemCallPidfdOpen = 434;

    private const nint JoinSessionKeyring = 1;

    // This one differs between the processor families.
    private static readonly nint SystemCallKeyctl = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 219 : 250;

    private static readonly nint SystemCallIoprioSet = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 30 : 251;

    /// <summary>Class and level of the current thread at the disks (<c>ioprio_set</c>).</summary>
    internal static int SetDiskPriority(int priority) => (int)syscall(SystemCallIoprioSet, 1, 0, priority, 0);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setpriority(int which, uint who, int priority);

    /// <summary>Starts a new, empty session keyring.</summary>
    internal static int KeyctlJoinSession() => (int)syscall(SystemCallKeyctl, JoinSessionKeyring, 0, 0, 0);

    internal static int PidfdOpen(int pid) => (int)syscall(SystemCallPidfdOpen, pid, 0, 0, 0);

    internal static int PidfdSendSignal(SafeFileHandle process, int signal) =>
        (int)syscall(SystemCallPidfdSendSignal, (int)process.DangerousGetHandle(), signal, 0, 0);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(int descriptor, nuint request);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setsid();

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getrlimit(int resource, out Limits limits);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setrlimit(int resource, in Limits limits);

    [LibraryImport("libc")]
    internal static partial uint umask(uint mask);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int dup2(int from, int to);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setgroups(nuint count, in uint groups);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getgroups(int size, ref uint groups);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setgid(uint gid);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setuid(uint uid);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getresuid(out uint real, out uint effective, out uint saved);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getresgid(out uint real, out uint effective, out uint saved);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int close_range(uint first, uint last, uint flags);

    [LibraryImport("libc")]
    internal static partial nint signal(int number, nint handler);

    [LibraryImport("libc")]
    internal static partial int sigprocmask(int how, byte* set, byte* old);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int execve(byte* program, byte** arguments, byte** environment);

    /// <summary>Variadic, which Linux passes like any other argument; the macOS code must not do this.</summary>
    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth);

    /// <summary><c>struct rlimit</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Limits
    {
        public ulong Soft;
        public ulong Hard;
    }
}
