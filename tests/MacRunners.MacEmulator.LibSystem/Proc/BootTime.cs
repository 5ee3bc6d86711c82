using System.Globalization;

namespace MacRunners.MacEmulator.LibSystem.Proc;

/// <summary>When the system was started, in seconds since 1970, by the kernel's own reckoning: the same for as long as nobody sets the clock.</summary>
internal static class BootTime
{
    private const string Key = "\nbtime ";

    internal static long Seconds()
    {
        var stat = ProcFile.Read("/proc/stat") ?? "";
        var start = stat.IndexOf(Key, StringComparison.Ordinal);
        return start < 0 ? 0 : long.Parse(stat[(start + Key.Length)..stat.IndexOf('\n', start + 1)], CultureInfo.InvariantCulture);
    }
}
