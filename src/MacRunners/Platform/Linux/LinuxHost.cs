using System.Globalization;

namespace MacRunners.Platform.Linux;

/// <summary>The machine as <c>/proc</c> shows it.</summary>
internal sealed class LinuxHost : IHostFigures
{
    private const int BytesPerKib = 1024;

    // USER_HZ, which the kernel promises to programs whatever its own clock is.
    private const double TicksPerSecond = 100;

    // Columns of the first line of /proc/stat behind "cpu". Time of virtual machines' guests is part of user and nice already.
    private static readonly string[] Modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];

    /// <inheritdoc/>
    public HostMemory Memory()
    {
        var memory = Table("/proc/meminfo");
        return new HostMemory(Kibibytes(memory, "MemTotal:"), Kibibytes(memory, "MemAvailable:"));
    }

    /// <inheritdoc/>
    public HostSwap Swap()
    {
        var memory = Table("/proc/meminfo");
        var total = Kibibytes(memory, "SwapTotal:");
        return new HostSwap(total, total - Kibibytes(memory, "SwapFree:"));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ProcessorTime> ProcessorTimes()
    {
        var columns = Fields(File.ReadLines("/proc/stat").First());
        var times = Modes.Index().ToDictionary(mode => mode.Item, mode => Number(columns[mode.Index + 1]) / TicksPerSecond);

        // Time of interrupts is the system's: four words fewer to know, and the same ones as on macOS.
        times["system"] += times["irq"] + times["softirq"];
        return [.. times.Where(time => time.Key is not ("irq" or "softirq")).Select(time => new ProcessorTime(time.Key, time.Value))];
    }

    /// <inheritdoc/>
    public HostLoad Load()
    {
        var fields = Fields(File.ReadAllText("/proc/loadavg"));
        return new HostLoad(Number(fields[0]), Number(fields[1]), Number(fields[2]));
    }

    /// <inheritdoc/>
    public HostCounts Counts()
    {
        // "0.20 0.18 0.12 1/80 11206": running and all threads.
        var threads = Fields(File.ReadAllText("/proc/loadavg"))[3].Split('/')[1];
        var processes = Directory.EnumerateDirectories("/proc").Count(path => char.IsAsciiDigit(path["/proc/".Length]));
        return new HostCounts(processes, (int)Number(threads), TcpSockets());
    }

    /// <inheritdoc/>
    public DateTimeOffset BootedAt() =>
        DateTimeOffset.FromUnixTimeSeconds((long)Number(File.ReadLines("/proc/stat").Select(Fields).First(line => line[0] == "btime")[1]));

    // "TCP: inuse 5 orphan 0 tw 3 alloc 10 mem 1", and "TCP6: inuse 2" in a file of its own where there is IPv6. The lingering ones of both
    // families stand in the first.
    private static int TcpSockets()
    {
        var four = Table("/proc/net/sockstat")["TCP:"];
        var six = File.Exists("/proc/net/sockstat6") ? Table("/proc/net/sockstat6").GetValueOrDefault("TCP6:") : null;
        return Count(four, "inuse") + Count(four, "tw") + (six is null ? 0 : Count(six, "inuse"));
    }

    private static int Count(string[] fields, string name) => (int)Number(fields[Array.IndexOf(fields, name) + 1]);

    private static Dictionary<string, string[]> Table(string path) => File.ReadLines(path).Select(Fields).ToDictionary(fields => fields[0], fields => fields);

    // "MemTotal:       16316412 kB"
    private static long Kibibytes(Dictionary<string, string[]> table, string key) => (long)Number(table[key][1]) * BytesPerKib;

    private static string[] Fields(string line) => line.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
