namespace MacRunners.MacEmulator.Tools.Diskutil;

/// <summary>Who keeps a volume from being unmounted.</summary>
/// <param name="Pid">Number.</param>
/// <param name="Name">Short.</param>
/// <param name="Program">Path.</param>
internal sealed record VolumeUser(string Pid, string Name, string Program)
{
    /// <summary>Who is named when it is nobody in particular.</summary>
    internal static readonly VolumeUser Kernel = new("0", "kernel", "kernel");

    /// <summary>A process with a folder or file open at or below a mount point.</summary>
    internal static VolumeUser? Of(string point) =>
        Directory.EnumerateDirectories("/proc").Where(process => Path.GetFileName(process).All(char.IsAsciiDigit)).Where(process => Uses(process, point)).Select(Describe).FirstOrDefault();

    private static bool Uses(string process, string point)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"{process}/fd").Append($"{process}/cwd").Append($"{process}/root")
                .Any(link => File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName is { } target && (target == point || target.StartsWith(point + "/", StringComparison.Ordinal)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or its files are nobody's business.
            return false;
        }
    }

    private static VolumeUser Describe(string process)
    {
        var pid = Path.GetFileName(process);
        try
        {
            return new VolumeUser(pid, File.ReadAllText($"{process}/comm").TrimEnd(), File.ResolveLinkTarget($"{process}/exe", returnFinalTarget: false)?.FullName ?? "?");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return new VolumeUser(pid, "?", "?");
        }
    }
}
