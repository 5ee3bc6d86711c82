namespace MacRunners.Simulator.Bench.Figures;

/// <summary>What a figure shall be.</summary>
/// <param name="Bound">In the figure's own unit.</param>
/// <param name="IsUpper">Whether less is better.</param>
internal sealed record Aim(double Bound, bool IsUpper)
{
    /// <summary>No more than this.</summary>
    public static Aim AtMost(double bound) => new(bound, IsUpper: true);

    /// <summary>No less than this.</summary>
    public static Aim AtLeast(double bound) => new(bound, IsUpper: false);

    /// <summary>Whether a value is as it shall be.</summary>
    public bool IsMetBy(double value) => IsUpper ? value <= Bound : value >= Bound;
}
