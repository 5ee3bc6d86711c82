using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace MacRunners.Settings;

/// <summary>Least and greatest value of a <see cref="TimeSpan"/> setting, both allowed.</summary>
/// <param name="minimum">As in the configuration: <c>[d.]hh:mm:ss[.fff]</c>.</param>
/// <param name="maximum">Likewise.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationRangeAttribute(string minimum, string maximum) : ValidationAttribute
{
    /// <summary>Least allowed value.</summary>
    public TimeSpan Minimum { get; } = TimeSpan.Parse(minimum, CultureInfo.InvariantCulture);

    /// <summary>Greatest allowed value.</summary>
    public TimeSpan Maximum { get; } = TimeSpan.Parse(maximum, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not TimeSpan duration || (duration >= Minimum && duration <= Maximum);

    /// <inheritdoc/>
    public override string FormatErrorMessage(string name) => $"must lie between {Minimum:c} and {Maximum:c}";
}
