using MacRunners.Images;

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

    /// <summary>Upstream does not name a version, and need not.</summary>
    NotNamed,

    /// <summary>Upstream does not name a version any more, or in a way that is not understood.</summary>
    Gone,
}

/// <summary>The comparison of one tool.</summary>
/// <param name="Tool">Its name in the manifest.</param>
/// <param name="Manifest">Version of the manifest.</param>
/// <param name="Upstream">Versions upstream names.</param>
/// <param name="Kind">The result.</param>
internal sealed record VersionDrift(string Tool, string Manifest, IReadOnlyList<string> Upstream, DriftKind Kind)
{
    /// <summary>Whether somebody should look.</summary>
    public bool IsDrift => Kind is DriftKind.Different or DriftKind.Ambiguous or DriftKind.Gone;

    /// <summary>Compares every exact version of the manifest with a script.</summary>
    /// <exception cref="InvalidDataException">The script names no version at all, so it is no bootstrap script or is written in a new way.</exception>
    public static IReadOnlyList<VersionDrift> Compare(IReadOnlyList<SoftwareItem> manifest, string script)
    {
        var upstream = BootstrapVersions.Parse(script);
        return upstream.IsEmpty
            ? throw new InvalidDataException("No version was found in the script: it is not a bootstrap script, or is written in a way that is not understood yet")
            : [.. manifest.Where(tool => tool.Version is not null).OrderBy(tool => tool.Name, StringComparer.Ordinal).Select(tool => Compare(tool, tool.Version!, upstream.Of(tool.Name)))];
    }

    private static VersionDrift Compare(SoftwareItem tool, string manifest, IReadOnlyList<string> upstream) => new(tool.Name, manifest, upstream, upstream switch
    {
        [] => tool.Upstream ? DriftKind.Gone : DriftKind.NotNamed,
        [var only] => IsSame(manifest, only) ? DriftKind.Same : DriftKind.Different,
        _ => DriftKind.Ambiguous,
    });

    // A formula such as llvm@19 names a line of versions.
    private static bool IsSame(string manifest, string upstream) =>
        manifest == upstream || (!upstream.Contains('.', StringComparison.Ordinal) && manifest.StartsWith(upstream + ".", StringComparison.Ordinal));
}
