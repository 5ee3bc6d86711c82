using System.Globalization;

namespace MacRunners.Simulator.Bench.Figures;

/// <summary>One number of the result.</summary>
/// <param name="Key">Its name in the JSON file, which ends with the unit.</param>
/// <param name="Title">For people.</param>
/// <param name="Value">Finite.</param>
/// <param name="Unit">For people.</param>
/// <param name="Aim">What it shall be; null: it is only shown.</param>
internal sealed record Figure(string Key, string Title, double Value, string Unit, Aim? Aim = null)
{
    private const double ManyDigits = 100;
    private const double SomeDigits = 10;

    /// <summary>The value with its unit, in about three digits.</summary>
    public string Text => Write(Value);

    /// <summary>The aim in words; empty without one.</summary>
    public string AimText => Aim is null ? "" : $"{(Aim.IsUpper ? "at most" : "at least")} {Aim.Bound.ToString("0.##", CultureInfo.InvariantCulture)}{Suffix}";

    /// <summary>Whether the aim is met, in a word; empty without one.</summary>
    public string Verdict => Aim is null ? "" : Aim.IsMetBy(Value) ? "met" : "missed";

    private string Suffix => Unit.Length == 0 ? "" : $" {Unit}";

    private string Write(double value)
    {
        var format = Math.Abs(value) switch
        {
            >= ManyDigits => "#,0",
            >= SomeDigits => "0.0",
            _ => "0.00",
        };
        return value.ToString(value == Math.Floor(value) ? "#,0" : format, CultureInfo.InvariantCulture) + Suffix;
    }
}
