namespace MacRunners.Platform.MacOS;

/// <summary>What Spotlight indexes: names and texts of job files would outlive them there.</summary>
internal static class SpotlightIndexes
{
    private const string Indexed = "Indexing enabled";

    /// <summary>What <c>mdutil</c> says of the volumes, in one line, when one is indexed; null when none is.</summary>
    /// <exception cref="ToolException">It does not answer.</exception>
    internal static async Task<string?> FindAsync(ITool tool, string root, TimeSpan limit, CancellationToken cancellationToken)
    {
        var program = root + "/usr/bin/mdutil";
        var result = await tool.RunAsync(program, ["-a", "-s"], limit, cancellationToken);
        return result.ExitCode != 0 ? throw new ToolException($"{program} -a -s failed with {result.Summary}")
            : result.Output.Contains(Indexed, StringComparison.Ordinal) ? string.Join(' ', result.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            : null;
    }
}
