namespace MacRunners.Images;

/// <summary>Could a job change a program that the next one starts? Folders in the <c>PATH</c> of jobs, those above them, and the programs in them.</summary>
internal sealed class SearchPathProbe(JobPrograms programs) : ImageProbe("search-path")
{
    private const int Shown = 5;

    /// <inheritdoc/>
    public override Task<ProbeFinding> RunAsync(CancellationToken cancellationToken)
    {
        // Jobs belong to no group but their own, so what the group may do does not matter.
        var there = programs.Folders.Where(Directory.Exists).ToList();
        var open = there.SelectMany(folder => Above(folder).Concat(Directory.EnumerateFileSystemEntries(folder))).Select(JobPrograms.Target).Where(Path.Exists).Distinct().Where(IsOpen).ToList();
        return Task.FromResult(open.Count == 0
            ? Ok($"{there.Count} folders, which jobs cannot change")
            : Failed("nothing that everybody can write to", $"{string.Join(", ", open.Take(Shown))}{(open.Count > Shown ? $" and {open.Count - Shown} more" : "")}"));
    }

    private static IEnumerable<string> Above(string folder)
    {
        for (var here = folder; here is not null; here = Path.GetDirectoryName(here))
        {
            yield return here;
        }
    }

    // The sticky bit keeps entries of others in a folder that everybody may write to.
    private static bool IsOpen(string path) => (File.GetUnixFileMode(path) & (UnixFileMode.OtherWrite | UnixFileMode.StickyBit)) == UnixFileMode.OtherWrite;
}
