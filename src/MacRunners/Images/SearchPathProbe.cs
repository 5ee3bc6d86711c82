namespace MacRunners.Images;

/// <summary>Could a job change a program that the next one starts? Folders in the <c>PATH</c> of jobs, those above them, and the programs in them.</summary>
internal sealed class SearchPathProbe(JobPrograms programs) : ImageProbe("search-path")
{
    private const int Shown = 5;
    private const int MostLinks = 40;

    /// <inheritdoc/>
    public override Task<ProbeFinding> RunAsync(CancellationToken cancellationToken)
    {
        // Jobs belong to no group but their own, so what the group may do does not matter.
        var there = programs.Folders.Where(Directory.Exists).ToList();
        var open = there.SelectMany(Directory.EnumerateFileSystemEntries).Concat(there).Select(Open).OfType<string>().Distinct().ToList();
        return Task.FromResult(open.Count == 0
            ? Ok($"{there.Count} folders, which jobs cannot change")
            : Failed("nothing that everybody can write to", $"{string.Join(", ", open.Take(Shown))}{(open.Count > Shown ? $" and {open.Count - Shown} more" : "")}"));
    }

    // What everybody can change of all that the path leads over, links included.
    private static string? Open(string path)
    {
        var pending = new Stack<string>(Components(path));
        var here = "/";
        var links = 0;
        while (pending.TryPop(out var name))
        {
            var next = Path.Combine(here, name);
            if (new FileInfo(next).LinkTarget is { } target)
            {
                if (++links > MostLinks)
                {
                    return null;
                }

                foreach (var component in Components(Path.GetFullPath(target, here)))
                {
                    pending.Push(component);
                }

                here = "/";
                continue;
            }

            if (!Path.Exists(next))
            {
                // Whoever can make it is who makes the program; the sticky bit does not hinder that.
                return File.GetUnixFileMode(here).HasFlag(UnixFileMode.OtherWrite) ? here : null;
            }

            if (IsOpen(next))
            {
                return next;
            }

            here = next;
        }

        return null;
    }

    // The last one first.
    private static IEnumerable<string> Components(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse();

    // The sticky bit keeps entries of others in a folder that everybody may write to.
    private static bool IsOpen(string path) => (File.GetUnixFileMode(path) & (UnixFileMode.OtherWrite | UnixFileMode.StickyBit)) == UnixFileMode.OtherWrite;
}
