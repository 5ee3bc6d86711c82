using System.Globalization;

namespace MacRunners.Simulator.Bench;

/// <summary>The machine that the figures belong to.</summary>
internal static class HostDescription
{
    private const double KibibytesPerGibibyte = 1024 * 1024;

    /// <summary>Processor, cores, memory, system, kernel, file system.</summary>
    /// <param name="folder">Whose file system.</param>
    public static string Of(string folder) => string.Join(
        ", ",
        $"{Field("/proc/cpuinfo", "model name", ':') ?? "unknown processor"}",
        $"{Environment.ProcessorCount} cores",
        $"{MemoryGibibytes():0} GiB",
        Field("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? "unknown system",
        $"kernel {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}",
        FileSystem(folder));

    private static double MemoryGibibytes() =>
        double.Parse(Field("/proc/meminfo", "MemTotal", ':')?.Split(' ')[0] ?? "0", CultureInfo.InvariantCulture) / KibibytesPerGibibyte;

    private static string FileSystem(string folder) => File.ReadLines("/proc/self/mounts")
        .Select(line => line.Split(' '))
        .Where(mount => mount[1] == "/" || folder == mount[1] || folder.StartsWith($"{mount[1]}/", StringComparison.Ordinal))
        .MaxBy(mount => mount[1].Length)?[2] ?? "unknown file system";

    private static string? Field(string file, string name, char separator) => File.Exists(file)
        ? File.ReadLines(file)
            .Select(line => line.Split(separator, 2, StringSplitOptions.TrimEntries))
            .FirstOrDefault(field => field.Length == 2 && field[0] == name)?[1]
        : null;
}
