namespace MacRunners.Teardown;

/// <summary>A teardown step could not remove everything.</summary>
internal sealed class ResidueException(IReadOnlyList<Residue> residue) : Exception(string.Join("; ", residue))
{
    /// <summary>What is left.</summary>
    public IReadOnlyList<Residue> Residue { get; } = residue;
}
