namespace MacRunners.Isolation;

/// <summary>How much the attacks make of what they make much of.</summary>
/// <param name="Files">Small files.</param>
/// <param name="Depth">Folders in one another.</param>
/// <param name="Megabytes">Bytes in files and output, in MB.</param>
internal sealed record AttackScale(int Files, int Depth, int Megabytes)
{
    /// <summary>As an attacker would.</summary>
    public static AttackScale Full { get; } = new(200_000, 5_000, 256);

    /// <summary>Enough to see whether it works at all.</summary>
    public static AttackScale Quick { get; } = new(5_000, 500, 16);
}
