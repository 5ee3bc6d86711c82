using System.Globalization;

namespace MacRunners.MacEmulator.LibSystem.Proc;

/// <summary>A process as <c>/proc</c> shows it.</summary>
internal sealed record LinuxProcess(
    int Pid,
    string Command,
    char State,
    int ParentPid,
    int ProcessGroup,
    int Terminal,
    int TerminalGroup,
    int Nice,
    ulong StartTicks,
    uint RealUid,
    uint EffectiveUid,
    uint SavedUid,
    uint RealGid,
    uint EffectiveGid,
    uint SavedGid)
{
    private const char Zombie = 'Z';
    private const char Sleeping = 'S';

    internal bool IsZombie => State == Zombie;

    /// <summary>Null when there is none (any more).</summary>
    internal static LinuxProcess? Find(int pid)
    {
        if (ProcFile.Read($"/proc/{pid}/stat") is not { } stat || ProcFile.Read($"/proc/{pid}/status") is not { } status)
        {
            return null;
        }

        // The command stands in parentheses and may itself hold any of these characters.
        var open = stat.IndexOf('(', StringComparison.Ordinal);
        var close = stat.LastIndexOf(')');
        if (open < 0 || close < open || Ids(status, "\nUid:") is not [var ruid, var euid, var suid, ..] || Ids(status, "\nGid:") is not [var rgid, var egid, var sgid, ..])
        {
            return null;
        }

        var fields = stat[(close + 2)..].Split(' ');

        // X: being removed; no longer a process to anyone.
        return fields.Length < 20 || fields[0] == "X"
            ? null
            : new LinuxProcess(
                pid,
                stat[(open + 1)..close],
                ShownState(fields[0][0], threads: Number(fields[17])),
                Number(fields[1]),
                Number(fields[2]),
                Number(fields[4]),
                Number(fields[5]),
                Number(fields[16]),
                ulong.Parse(fields[19], CultureInfo.InvariantCulture),
                ruid,
                euid,
                suid,
                rgid,
                egid,
                sgid);
    }

    /// <summary>All there are at this moment.</summary>
    internal static IEnumerable<LinuxProcess> All()
    {
        foreach (var pid in ProcFile.Numbers("/proc"))
        {
            if (Find(pid) is { } process)
            {
                yield return process;
            }
        }
    }

    // Linux shows a process as a zombie when its first thread has ended, Darwin when the last one has.
    private static char ShownState(char shown, int threads) => shown == Zombie && threads > 1 ? Sleeping : shown;

    private static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);

    private static uint[] Ids(string status, string key)
    {
        var start = status.IndexOf(key, StringComparison.Ordinal);
        if (start < 0)
        {
            return [];
        }

        start += key.Length;
        return [.. status[start..status.IndexOf('\n', start)].Split('\t', StringSplitOptions.RemoveEmptyEntries).Select(id => uint.Parse(id, CultureInfo.InvariantCulture))];
    }
}
