using MacRunners.Telemetry;

namespace MacRunners.Teardown;

/// <summary>Something of a job that is still there.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Detail">Which one, for people.</param>
internal sealed record Residue(ResidueKind Kind, string Detail)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Detail}";
}
