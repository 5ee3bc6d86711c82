using System.Globalization;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Soak;

/// <summary>What a look at a machine under soak found.</summary>
/// <param name="Daemon">Process number of the daemon: a series ends with it.</param>
/// <param name="ResidentBytes">Resident memory of the daemon.</param>
/// <param name="Descriptors">Its open descriptors, without sockets: pooled connections come and go.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Accounts">Accounts of the machine's range on the host.</param>
/// <param name="Groups">Groups of the range.</param>
/// <param name="Processes">Their processes.</param>
/// <param name="Files">Their files in shared folders; what lies below one of them is not counted.</param>
/// <param name="Mounts">What is mounted in homes, or was mounted by one of them.</param>
/// <param name="Objects">Their System V objects.</param>
/// <param name="ControlGroups">Their control groups.</param>
/// <param name="TrashEntries">Homes in the trash that are not removed yet.</param>
/// <param name="FreeBytes">Free bytes on the machine's volume.</param>
internal sealed record SoakFigures(
    int Daemon, long ResidentBytes, int Descriptors, int Threads, int Accounts, int Groups, int Processes, int Files, int Mounts, int Objects, int ControlGroups, int TrashEntries, long FreeBytes)
{
    private const int BytesPerKibibyte = 1024;

    /// <summary>Looks at the machine; its daemon runs.</summary>
    /// <exception cref="IOException">The daemon has ended.</exception>
    public static SoakFigures Of(TrialMachine machine)
    {
        var process = $"/proc/{machine.DaemonPid}";
        var status = File.ReadAllLines($"{process}/status");
        var trash = Path.Combine(machine.State, "trash");
        return new SoakFigures(
            machine.DaemonPid,
            Number(status, "VmRSS:") * BytesPerKibibyte,
            Directory.EnumerateFileSystemEntries($"{process}/fd").Count(path => new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == false),
            (int)Number(status, "Threads:"),
            HostTraces.CountAccounts(machine.Uids.First, machine.Uids.Last),
            HostTraces.CountGroups(machine.Uids.First, machine.Uids.Last),
            HostTraces.CountProcesses(machine.Uids.First, machine.Uids.Last),
            HostTraces.CountFiles(machine.Uids.First, machine.Uids.Last),
            HostTraces.CountMounts(machine.Uids.First, machine.Uids.Last, machine.Homes),
            HostTraces.CountObjects(machine.Uids.First, machine.Uids.Last),
            HostTraces.CountControlGroups(machine.Uids.First, machine.Uids.Last),
            Directory.EnumerateFileSystemEntries(trash).Count(),
            new DriveInfo(machine.Folder).AvailableFreeSpace);
    }

    private static long Number(string[] status, string key)
    {
        // A process that is just ending has no memory any more.
        var line = status.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) ?? throw new IOException($"The daemon has no {key}");
        return long.Parse(line[key.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
