namespace MacRunners.Fleet.Versions;

/// <summary>What a comparison says about one tool.</summary>
internal enum DriftKind
{
    /// <summary>Both say the same.</summary>
    Same,

    /// <summary>Upstream wants another version.</summary>
    Different,

    /// <summary>Upstream has several versions, none of which is surely that for macOS.</summary>
    Ambiguous,

    /// <summary>Upstream does not name a version.</summary>
    NotNamed,
}

/// <summary>The comparison of one tool.</summary>
/// <param name="Tool">Its name in the manifest.</param>
/// <param name="Manifest">Version of the manifest.</param>
/// <param name="Upstream">Versions upstream names.</param>
/// <param name="Kind">The result.</param>
internal sealed record VersionDrift(string Tool, string Manifest, IReadOnlyList<string> Upstream, DriftKind Kind)
{
    /// <summary>Whether somebody should look.</summary>
    public bool IsDrift => Kind is DriftKind.Different or DriftKind.Ambiguous;

    /// <summary>Compares every exact version of the manifest with a script.</summary>
    /// <exception cref="InvalidDataException">The script names no version at all, so it is no bootstrap script or is written in a new way.</exception>
    public static IReadOnlyList<VersionDrift> Compare(IReadOnlyDictionary<string, string> manifest, string script)
    {
        var upstream = BootstrapVersions.Parse(script);
        return upstream.IsEmpty
            ? throw new InvalidDataException("No version was found in the script: it is not a bootstrap script, or is written in a way that is not understood yet")
            : [.. manifest.OrderBy(tool => tool.Key, StringComparer.Ordinal).Select(tool => Compare(tool.Key, tool.Value, upstream.Of(tool.Key)))];
    }

    private static VersionDrift Compare(string tool, string manifest, IReadOnlyList<string> upstream) => new(tool, manifest, upstream, upstream switch
    {
        [] => DriftKind.NotNamed,
        [var only] => IsSame(manifest, only) ? DriftKind.Same : DriftKind.Different,
        _ => DriftKind.Ambiguous,
    });

    // A formula such as llvm@19 names a line of versions.
    private static bool IsSame(string manifest, string upstream) =>
        manifest == upstream || (!upstream.Contains('.', StringComparison.Ordinal) && manifest.StartsWith(upstream + ".", StringComparison.Ordinal));
}
