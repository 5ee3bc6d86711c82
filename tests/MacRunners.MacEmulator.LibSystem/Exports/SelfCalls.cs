using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;
using MacRunners.MacEmulator.LibSystem.Translation;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Session, limits, signals and program of the calling process.</summary>
internal static unsafe class SelfCalls
{
    private const int Block = 1;
    private const int SetMask = 3;
    private const int KillSignal = 9;
    private const int StopSignal = 17;
    private const int SignalSetWords = 16;
    private const nint HandlerError = -1;
    private const int InvalidArgument = 22;

    [UnmanagedCallersOnly(EntryPoint = "getpid")]
    private static int Pid() => Glibc.GetPid();

    [UnmanagedCallersOnly(EntryPoint = "getppid")]
    private static int ParentPid() => Glibc.GetParentPid();

    [UnmanagedCallersOnly(EntryPoint = "getpgid")]
    private static int ProcessGroup(int pid) => Call.Return(Glibc.ProcessGroup(pid));

    [UnmanagedCallersOnly(EntryPoint = "getsid")]
    private static int Session(int pid) => Call.Return(Glibc.Session(pid));

    [UnmanagedCallersOnly(EntryPoint = "setsid")]
    private static int StartSession() => Call.Return(Glibc.StartSession());

    [UnmanagedCallersOnly(EntryPoint = "getdtablesize")]
    private static int DescriptorTableSize() => Glibc.DescriptorTableSize();

    [UnmanagedCallersOnly(EntryPoint = "setrlimit")]
    private static int SetLimit(int resource, ResourceLimits* limits)
    {
        if (Resources.ToLinux(resource) is not { } linux)
        {
            return Call.Fail(DarwinErrors.Invalid);
        }

        var translated = new ResourceLimits { Soft = Resources.ValueToLinux(limits->Soft), Hard = Resources.ValueToLinux(limits->Hard) };
        return Call.Return(Glibc.SetLimit(linux, &translated));
    }

    [UnmanagedCallersOnly(EntryPoint = "getrlimit")]
    private static int GetLimit(int resource, ResourceLimits* limits)
    {
        if (Resources.ToLinux(resource) is not { } linux)
        {
            return Call.Fail(DarwinErrors.Invalid);
        }

        var result = Glibc.GetLimit(linux, limits);
        if (result == 0)
        {
            limits->Soft = Resources.ValueToDarwin(limits->Soft);
            limits->Hard = Resources.ValueToDarwin(limits->Hard);
        }

        return Call.Return(result);
    }

    [UnmanagedCallersOnly(EntryPoint = "umask")]
    private static ushort SetFileMask(ushort mask) => (ushort)Glibc.SetMask(mask);

    [UnmanagedCallersOnly(EntryPoint = "chdir")]
    private static int ChangeDirectory(byte* path) => Call.Return(Glibc.ChangeDirectory(path));

    [UnmanagedCallersOnly(EntryPoint = "fchdir")]
    private static int ChangeDirectoryTo(int descriptor) => Call.Return(Glibc.ChangeDirectory(descriptor));

    [UnmanagedCallersOnly(EntryPoint = "signal")]
    private static nint SetHandler(int signal, nint handler)
    {
        if (signal is 0 or KillSignal or StopSignal || Signals.ToLinux(signal) is not { } linux)
        {
            return Call.Fail(DarwinErrors.Invalid);
        }

        // Signals that Linux lacks are always at their default.
        if (linux == 0)
        {
            return 0;
        }

        var previous = Glibc.SetHandler(linux, handler);
        if (previous == HandlerError)
        {
            _ = Call.Return(-1);
        }

        return previous;
    }

    [UnmanagedCallersOnly(EntryPoint = "sigprocmask")]
    private static int SetSignalMask(int how, uint* set, uint* previous) => SetSignalMaskCore(how, set, previous) is var error and not 0 ? Call.Fail(error) : 0;

    /// <summary>The same for threads, with the error as the result.</summary>
    [UnmanagedCallersOnly(EntryPoint = "pthread_sigmask")]
    private static int SetThreadSignalMask(int how, uint* set, uint* previous) => SetSignalMaskCore(how, set, previous);

    private static int SetSignalMaskCore(int how, uint* set, uint* previous)
    {
        if (set != null && how is < Block or > SetMask)
        {
            return DarwinErrors.Invalid;
        }

        var linux = stackalloc ulong[SignalSetWords];
        var before = stackalloc ulong[SignalSetWords];
        new Span<ulong>(linux, SignalSetWords).Clear();
        if (set != null)
        {
            *linux = Signals.SetToLinux(*set);
        }

        // Darwin counts the three ways from one, Linux from zero.
        var result = Glibc.SetSignalMask(how - 1, set == null ? null : linux, before);
        if (result == 0 && previous != null)
        {
            *previous = Signals.SetToDarwin(*before);
        }

        return DarwinErrors.From(result);
    }

    /// <summary>Accepts what macOS documents; the host's disks are not slowed down.</summary>
    [UnmanagedCallersOnly(EntryPoint = "setiopolicy_np")]
    private static int SetDiskPolicy(int kind, int scope, int policy) => Call.Return(kind is 0 or 1 && scope is 0 or 1 && policy is >= 0 and <= 5 ? 0 : -1);

    /// <summary>Accepts the classes of quality that macOS knows.</summary>
    [UnmanagedCallersOnly(EntryPoint = "pthread_set_qos_class_self_np")]
    private static int SetQuality(int quality, int relative) => quality is 0x21 or 0x19 or 0x15 or 0x11 or 0x09 && relative is <= 0 and >= -15 ? 0 : InvalidArgument;
}
