namespace MacRunners.Simulator.Bench.Figures;

/// <summary>Repeated measurements of one thing.</summary>
internal sealed class Samples
{
    private const double Half = 0.5;
    private const double NearlyAll = 0.95;

    private readonly double[] _ordered;

    /// <summary>Takes the values in any order.</summary>
    /// <exception cref="InvalidOperationException">There are none.</exception>
    public Samples(IEnumerable<double> values)
    {
        _ordered = [.. values.Order()];
        if (_ordered.Length == 0)
        {
            throw new InvalidOperationException("Nothing was measured");
        }
    }

    /// <summary>The value in the middle.</summary>
    public double Median => Quantile(Half);

    /// <summary>Nineteen of twenty are no greater.</summary>
    public double P95 => Quantile(NearlyAll);

    /// <summary>The value below which that share of them lies, between two neighbours in proportion.</summary>
    /// <param name="share">From 0 to 1.</param>
    public double Quantile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var place = share * (_ordered.Length - 1);
        var below = (int)Math.Floor(place);
        var above = Math.Min(below + 1, _ordered.Length - 1);
        return _ordered[below] + ((place - below) * (_ordered[above] - _ordered[below]));
    }
}
