using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;
using MacRunners.MacEmulator.LibSystem.Proc;
using MacRunners.MacEmulator.LibSystem.Translation;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Signals to processes, and the process table of libproc.</summary>
internal static unsafe class ProcessCalls
{
    /// <summary>Below this the numbers are the host's: a kill of everything as such a user is never carried out.</summary>
    private const uint SmallestKillingUid = 60000;

    private const int Everything = -1;

    private const uint ListAll = 1;
    private const uint ListByProcessGroup = 2;
    private const uint ListByTerminal = 3;
    private const uint ListByUid = 4;
    private const uint ListByRealUid = 5;
    private const uint ListByParent = 6;
    private const int SpareEntries = 20;

    private const int InformationDescriptors = 1;
    private const int InformationProcess = 3;
    private const int ClockTicksName = 2;
    private const int MicrosecondsPerSecond = 1_000_000;
    private const uint VnodeDescriptor = 1;

    [UnmanagedCallersOnly(EntryPoint = "kill")]
    private static int Kill(int pid, int signal) => KillCore(pid, signal, posix: true);

    /// <summary>The system call itself: without POSIX behaviour the caller is spared, and finding nobody is ESRCH instead of EPERM.</summary>
    [UnmanagedCallersOnly(EntryPoint = "__kill")]
    private static int KillSystemCall(int pid, int signal, int posix) => KillCore(pid, signal, posix != 0);

    /// <returns>Bytes filled in; 0 on failure. Without buffer: how many would do.</returns>
    [UnmanagedCallersOnly(EntryPoint = "proc_listpids")]
    private static int List(uint type, uint argument, int* buffer, int size)
    {
        if (type is < ListAll or > ListByParent)
        {
            Call.SetError(DarwinErrors.Invalid);
            return 0;
        }

        if (buffer == null)
        {
            return (ProcFile.Numbers("/proc").Count + SpareEntries) * sizeof(int);
        }

        if (size < sizeof(int))
        {
            Call.SetError(DarwinErrors.NoMemory);
            return 0;
        }

        var count = 0;
        foreach (var pid in ProcFile.Numbers("/proc"))
        {
            if (count == size / sizeof(int))
            {
                break;
            }

            if (type == ListAll || (LinuxProcess.Find(pid) is { } process && Matches(process, type, argument)))
            {
                buffer[count++] = pid;
            }
        }

        return count * sizeof(int);
    }

    /// <returns>Bytes filled in; 0 on failure.</returns>
    [UnmanagedCallersOnly(EntryPoint = "proc_pidinfo")]
    private static int Information(int pid, int flavor, ulong argument, byte* buffer, int size)
    {
        var result = flavor switch
        {
            InformationProcess => Describe(pid, argument, (DarwinProcess*)buffer, size),
            InformationDescriptors => Descriptors(pid, buffer, size),
            _ => -DarwinErrors.Invalid,
        };
        if (result < 0)
        {
            Call.SetError(-result);
            return 0;
        }

        return result;
    }

    private static int KillCore(int pid, int signal, bool posix)
    {
        if (Signals.ToLinux(signal) is not { } linux || (linux == 0 && signal != 0))
        {
            return Call.Fail(DarwinErrors.Invalid);
        }

        if (pid != Everything)
        {
            return Call.Return(Glibc.Kill(pid, linux));
        }

        if (Glibc.GetUid() < SmallestKillingUid || Glibc.GetEffectiveUid() < SmallestKillingUid)
        {
            return Call.Fail(DarwinErrors.NotPermitted);
        }

        // Linux reports success as soon as there is any other process at all, whether it may be signalled or not. The list may miss one that
        // comes and goes; a kernel's kill does not, so it is sent in any case.
        var self = Glibc.GetPid();
        var found = LinuxProcess.All().Any(process => process.Pid > 1 && process.Pid != self && MaySignal(process));
        _ = Glibc.Kill(Everything, linux);

        if (posix)
        {
            return Call.Return(Glibc.Kill(self, linux));
        }

        return found ? 0 : Call.Fail(DarwinErrors.NoProcess);
    }

    private static bool MaySignal(LinuxProcess process)
    {
        var real = Glibc.GetUid();
        var effective = Glibc.GetEffectiveUid();
        return process.RealUid == real || process.RealUid == effective || process.SavedUid == real || process.SavedUid == effective;
    }

    private static bool Matches(LinuxProcess process, uint type, uint argument) => type switch
    {
        ListByProcessGroup => process.ProcessGroup == (int)argument,
        ListByTerminal => process.Terminal == (int)argument,
        ListByUid => process.EffectiveUid == argument,
        ListByRealUid => process.RealUid == argument,
        ListByParent => process.ParentPid == (int)argument,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    // Results: bytes, or a negative Darwin error.
    private static int Describe(int pid, ulong zombiesToo, DarwinProcess* buffer, int size)
    {
        if (size < sizeof(DarwinProcess))
        {
            return -DarwinErrors.NoMemory;
        }

        if (LinuxProcess.Find(pid) is not { } process || (process.IsZombie && zombiesToo == 0))
        {
            return -DarwinErrors.NoProcess;
        }

        var caller = Glibc.GetEffectiveUid();
        if (caller != 0 && caller != process.EffectiveUid)
        {
            return -DarwinErrors.NotPermitted;
        }

        var ticks = (ulong)Glibc.Configuration(ClockTicksName);
        *buffer = default;
        buffer->Status = process.State switch
        {
            'R' => DarwinProcess.Running,
            'T' or 't' => DarwinProcess.Stopped,
            'Z' => DarwinProcess.Zombie,
            _ => DarwinProcess.Sleeping,
        };
        buffer->Pid = (uint)process.Pid;
        buffer->ParentPid = (uint)process.ParentPid;
        buffer->Uid = process.EffectiveUid;
        buffer->Gid = process.EffectiveGid;
        buffer->RealUid = process.RealUid;
        buffer->RealGid = process.RealGid;
        buffer->SavedUid = process.SavedUid;
        buffer->SavedGid = process.SavedGid;
        buffer->ProcessGroup = (uint)process.ProcessGroup;
        buffer->Terminal = (uint)process.Terminal;
        buffer->TerminalGroup = (uint)process.TerminalGroup;
        buffer->Nice = process.Nice;
        buffer->StartSeconds = (ulong)BootTime.Seconds() + (process.StartTicks / ticks);
        buffer->StartMicroseconds = process.StartTicks % ticks * (MicrosecondsPerSecond / ticks);
        Copy(process.Command, buffer->Command, DarwinProcess.CommandSize);
        Copy(process.Command, buffer->Name, DarwinProcess.NameSize);
        return sizeof(DarwinProcess);
    }

    // struct proc_fdinfo: descriptor, type.
    private static int Descriptors(int pid, byte* buffer, int size)
    {
        const int entrySize = 2 * sizeof(int);
        var numbers = ProcFile.Numbers($"/proc/{pid}/fd");
        if (buffer == null)
        {
            return (numbers.Count + SpareEntries) * entrySize;
        }

        var count = Math.Min(numbers.Count, size / entrySize);
        for (var i = 0; i < count; i++)
        {
            ((int*)buffer)[2 * i] = numbers[i];
            ((uint*)buffer)[(2 * i) + 1] = VnodeDescriptor;
        }

        return count * entrySize;
    }

    private static void Copy(string text, byte* target, int size)
    {
        for (var i = 0; i < Math.Min(text.Length, size - 1); i++)
        {
            target[i] = (byte)text[i];
        }
    }
}
