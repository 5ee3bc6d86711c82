using System.Buffers.Binary;
using System.Globalization;

namespace MacRunners.MacEmulator.LibSystem.Proc;

/// <summary>What Linux counts of the whole machine, in the terms of Darwin.</summary>
internal static class HostFigures
{
    // struct xsw_usage: three numbers of 64 bits, the size of a page, whether it is encrypted.
    private const int SwapUsageSize = 32;
    private const int PageSizeOffset = 24;
    private const int PageSize = 16384;
    private const ulong Kibibyte = 1024;

    /// <summary>Ticks of all processors together: user, system, idle, nice. Darwin has no words for the others, and 32 bits.</summary>
    internal static uint[] ProcessorTicks()
    {
        // cpu user nice system idle iowait irq softirq steal …
        var ticks = Line("/proc/stat", "cpu ").Select(field => (uint)ulong.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return [ticks[0], ticks[2] + ticks[5] + ticks[6] + ticks[7], ticks[3] + ticks[4], ticks[1]];
    }

    internal static int Processes() => ProcFile.Numbers("/proc").Count;

    /// <summary>"0.20 0.18 0.12 1/80 11206".</summary>
    internal static int Threads() => int.Parse(Line("/proc/loadavg", "")[3].Split('/')[1], CultureInfo.InvariantCulture);

    internal static double[] Loads() => [.. Line("/proc/loadavg", "").Take(3).Select(field => double.Parse(field, CultureInfo.InvariantCulture))];

    internal static int TcpSockets()
    {
        var four = Line("/proc/net/sockstat", "TCP: ");
        return Count(four, "inuse") + Count(four, "tw") + Count(Line("/proc/net/sockstat6", "TCP6: "), "inuse");
    }

    internal static byte[] SwapUsage()
    {
        var total = Memory("SwapTotal:");
        var free = Memory("SwapFree:");
        var usage = new byte[SwapUsageSize];
        BinaryPrimitives.WriteUInt64LittleEndian(usage, total);
        BinaryPrimitives.WriteUInt64LittleEndian(usage.AsSpan(sizeof(ulong)), free);
        BinaryPrimitives.WriteUInt64LittleEndian(usage.AsSpan(2 * sizeof(ulong)), total - free);
        BinaryPrimitives.WriteInt32LittleEndian(usage.AsSpan(PageSizeOffset), PageSize);
        return usage;
    }

    private static ulong Memory(string key) => ulong.Parse(Line("/proc/meminfo", key)[0], CultureInfo.InvariantCulture) * Kibibyte;

    private static int Count(string[] fields, string name)
    {
        var at = Array.IndexOf(fields, name);
        return at < 0 ? 0 : int.Parse(fields[at + 1], CultureInfo.InvariantCulture);
    }

    private static string[] Line(string path, string key) =>
        (ProcFile.Read(path) ?? "").Split('\n').FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line
            ? line[key.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : [];
}
