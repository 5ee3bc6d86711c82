namespace MacRunners.Teardown;

/// <summary>Something of a job that is still there.</summary>
/// <param name="Kind">What it is; a bounded set, fit for a metric's label.</param>
/// <param name="Detail">Which one, for people.</param>
internal sealed record Residue(ResidueKind Kind, string Detail)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Detail}";
}

/// <summary>Kinds of residue.</summary>
internal enum ResidueKind
{
    /// <summary>A living process.</summary>
    Process,

    /// <summary>An account or group, or a membership.</summary>
    Account,

    /// <summary>The home, or what stands in its place.</summary>
    Home,

    /// <summary>An entry in a shared place.</summary>
    File,

    /// <summary>A mounted file system.</summary>
    Mount,
}
