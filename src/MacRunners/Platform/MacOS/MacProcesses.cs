using System.Runtime.InteropServices;
using static MacRunners.Platform.MacOS.MacProcessImports;

namespace MacRunners.Platform.MacOS;

/// <summary>The process table as libproc shows it: no tool is started, so it works while the table is full.</summary>
internal sealed unsafe class MacProcesses : IProcessTable
{
    private const int SignalStop = 17;

    /// <inheritdoc/>
    public IReadOnlyList<ProcessEntry> OwnedBy(uint uid)
    {
        // No list goes by the saved uid, so all are looked at; the two that go by uid are later snapshots and may hold
        // a process that was just being made.
        var pids = Pids(ListAll, 0);
        pids.UnionWith(Pids(ListByRealUid, uid));
        pids.UnionWith(Pids(ListByEffectiveUid, uid));
        return [.. pids
            .Select(Find)
            .OfType<ProcessEntry>()
            .Where(process => process.RealUid == uid || process.EffectiveUid == uid || process.SavedUid == uid)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ProcessEntry> OwnedWithin(uint first, uint last)
    {
        return [.. Pids(ListAll, 0).Select(Find).OfType<ProcessEntry>().Where(process => IsOne(process.RealUid) || IsOne(process.EffectiveUid) || IsOne(process.SavedUid))];

        bool IsOne(uint uid) => uid >= first && uid <= last;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ProcessEntry> EscapedFrom(uint uid) => [];

    /// <inheritdoc/>
    public ProcessEntry? Find(int pid)
    {
        Span<byte> information = stackalloc byte[ProcessInformation.Size];
        fixed (byte* buffer = information)
        {
            // Argument 0: zombies are not found.
            if (proc_pidinfo(pid, BasicInformation, 0, buffer, ProcessInformation.Size) == ProcessInformation.Size)
            {
                return ProcessInformation.Parse(information);
            }
        }

        return Marshal.GetLastPInvokeError() is 0 or MacErrors.NoSuchProcess ? null : throw MacErrors.Last("proc_pidinfo", pid);
    }

    /// <inheritdoc/>
    public bool Signal(ProcessIdentity process, Signal signal)
    {
        // macOS has no descriptor for a process; numbers come round after 99999 others, so looking right before is enough.
        if (process.Pid <= 0 || Find(process.Pid)?.Identity != process)
        {
            return false;
        }

        if (kill(process.Pid, signal == Platform.Signal.Stop ? SignalStop : (int)signal) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == MacErrors.NoSuchProcess ? false : throw MacErrors.Last("kill", process.Pid);
    }

    /// <summary>Whether a user has living processes besides this one; for a caller that is that user, not root.</summary>
    internal static bool HasOthers(uint uid)
    {
        var pids = Pids(ListByRealUid, uid);
        pids.UnionWith(Pids(ListByEffectiveUid, uid));
        return pids.Any(pid => pid != Environment.ProcessId && IsAlive(pid));
    }

    private static bool IsAlive(int pid)
    {
        // A set-user-id program of the user may refuse to be looked at: it lives.
        var buffer = stackalloc byte[ProcessInformation.Size];
        return proc_pidinfo(pid, BasicInformation, 0, buffer, ProcessInformation.Size) == ProcessInformation.Size
            ? ProcessInformation.Parse(new ReadOnlySpan<byte>(buffer, ProcessInformation.Size)) is not null
            : Marshal.GetLastPInvokeError() != MacErrors.NoSuchProcess;
    }

    private static HashSet<int> Pids(uint type, uint value)
    {
        // The answer is cut without notice when the buffer is too small: grow until there is room to spare.
        for (var room = 1024; ; room *= 2)
        {
            var buffer = new int[room];
            fixed (int* start = buffer)
            {
                var filled = proc_listpids(type, value, start, room * sizeof(int));
                if (filled < 0 || (filled == 0 && type == ListAll))
                {
                    throw MacErrors.Last("proc_listpids", value);
                }

                if (filled < room * sizeof(int))
                {
                    return [.. buffer.AsSpan(0, filled / sizeof(int)).ToArray().Where(pid => pid > 0)];
                }
            }
        }
    }
}
