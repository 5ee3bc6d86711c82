namespace MacRunners.Platform.MacOS;

/// <summary>The database of background tasks, to which each new account adds, and Spotlight's index of what jobs write.</summary>
/// <param name="tool">Runs programs.</param>
/// <param name="root">Above <c>/private</c>; empty on a Mac.</param>
internal sealed class MacGrowth(ITool tool, string root) : ISystemGrowth
{
    // Spotlight leaves out what is below a folder that has it.
    private const string Unindexed = ".metadata_never_index";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public async Task<SystemGrowth> LookAsync(string homes, CancellationToken cancellationToken)
    {
        var unknown = new List<string>();
        return new SystemGrowth(
            await TryAsync("how large the database of background tasks is", () => Task.FromResult(LargestTaskDatabase())),
            await TryAsync("whether Spotlight indexes the files of jobs", () => IndexesAsync(homes, cancellationToken)),
            unknown);

        async Task<T?> TryAsync<T>(string what, Func<Task<T>> look)
            where T : struct
        {
            try
            {
                return await look();
            }
            catch (Exception e) when (e is ToolException or IOException or UnauthorizedAccessException)
            {
                unknown.Add($"{what} is not known: {e.Message}");
                return null;
            }
        }
    }

    // Versions of macOS number them; an old one may lie beside that in use.
    private long LargestTaskDatabase()
    {
        var folder = new DirectoryInfo(root + "/private/var/db/com.apple.backgroundtaskmanagement");
        return folder.Exists ? folder.EnumerateFiles("BackgroundItems-v*.btm").Select(file => file.Length).DefaultIfEmpty().Max() : 0;
    }

    private async Task<bool> IndexesAsync(string homes, CancellationToken cancellationToken) =>
        !File.Exists(Path.Combine(homes, Unindexed)) && await SpotlightIndexes.FindAsync(tool, root, Limit, cancellationToken) is not null;
}
