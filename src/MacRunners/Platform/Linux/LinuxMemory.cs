using System.Globalization;

namespace MacRunners.Platform.Linux;

/// <summary>From <c>/proc/meminfo</c>.</summary>
internal sealed class LinuxMemory : IHostMemory
{
    private const int BytesPerKib = 1024;

    /// <inheritdoc/>
    public HostMemory Read()
    {
        long total = 0;
        long available = 0;
        foreach (var line in File.ReadLines("/proc/meminfo"))
        {
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal))
            {
                total = Bytes(line);
            }
            else if (line.StartsWith("MemAvailable:", StringComparison.Ordinal))
            {
                available = Bytes(line);
                break;
            }
        }

        return new HostMemory(total, available);
    }

    // "MemTotal:       16316412 kB"
    private static long Bytes(string line) =>
        long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * BytesPerKib;
}
