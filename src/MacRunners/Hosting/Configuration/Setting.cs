using System.ComponentModel.DataAnnotations;
using System.Globalization;
using MacRunners.Settings;

namespace MacRunners.Hosting.Configuration;

/// <summary>One setting as the option classes declare it.</summary>
/// <param name="Section">Section it belongs to.</param>
/// <param name="Name">Its key in the section.</param>
/// <param name="Type">Type of the property.</param>
/// <param name="Default">Value when nothing is configured.</param>
/// <param name="Description">What it means, for people.</param>
/// <param name="IsSecret">Values are masked.</param>
/// <param name="Rules">Ranges, patterns and so on.</param>
/// <param name="Read">Reads the setting from bound settings.</param>
internal sealed record Setting(
    string Section,
    string Name,
    Type Type,
    object? Default,
    string Description,
    bool IsSecret,
    IReadOnlyList<ValidationAttribute> Rules,
    Func<DaemonSettings, object?> Read)
{
    /// <summary><c>Section:Name</c>.</summary>
    public string Key => $"{Section}:{Name}";

    /// <summary>A list of texts: <c>Key:0</c>, <c>Key:1</c> …</summary>
    public bool IsList => Type == typeof(string[]);

    /// <summary>Named texts: <c>Key:NAME</c>.</summary>
    public bool IsMap => Type == typeof(Dictionary<string, string>);

    /// <summary>The kind of value, for people.</summary>
    public string Kind => this switch
    {
        { IsList: true } => "list of texts",
        { IsMap: true } => "named texts",
        _ when Type == typeof(int) || Type == typeof(long) => "whole number",
        _ when Type == typeof(bool) => "true or false",
        _ when Type == typeof(TimeSpan) => "duration hh:mm:ss",
        _ when Type == typeof(Uri) => "URL",
        _ when Type.IsEnum => "one of " + string.Join(", ", Enum.GetNames(Type)),
        _ => "text",
    };

    /// <summary>Limits of the value, for people; empty when there are none.</summary>
    public string Limits => string.Join(", ", Rules.Select(Limit).Where(limit => limit.Length > 0));

    /// <summary>Kind and limits.</summary>
    public string Allowed => Limits.Length == 0 ? Kind : $"{Kind}, {Limits}";

    /// <summary>The default as one would write it in the configuration; empty when there is none.</summary>
    public string DefaultText => Text(Default);

    /// <summary>A scalar value as one would write it in the configuration.</summary>
    public static string Text(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        TimeSpan duration => Text(duration),
        string[] list => string.Join(", ", list),
        Dictionary<string, string> map => string.Join(", ", map.Keys),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Text(TimeSpan duration)
    {
        var text = duration.ToString("c", CultureInfo.InvariantCulture);
        return duration.Ticks % TimeSpan.TicksPerSecond == 0 ? text : text.TrimEnd('0');
    }

    /// <summary>Reads a scalar as the binder would, but strictly: no enumeration by number, no duration that silently means days.</summary>
    public bool TryParse(string text, out object? value)
    {
        (var parsed, value) = this switch
        {
            _ when Type == typeof(string) => (true, text),
            _ when Type == typeof(int) => (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number), number),
            _ when Type == typeof(long) => (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number), number),
            _ when Type == typeof(bool) => (bool.TryParse(text, out var flag), flag),
            _ when Type == typeof(TimeSpan) => (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration) && text.Contains(':'), duration),
            _ when Type == typeof(Uri) => (Uri.TryCreate(text, UriKind.Absolute, out var uri), (object?)uri),
            _ when Type.IsEnum => (Enum.GetNames(Type).Contains(text, StringComparer.OrdinalIgnoreCase), text),
            _ => throw new InvalidOperationException($"No rule how to read {Key}, a {Type}"),
        };
        return parsed;
    }

    private static string Limit(ValidationAttribute rule) => rule switch
    {
        RangeAttribute range => $"{Text(range.Minimum)} to {Text(range.Maximum)}",
        DurationRangeAttribute range => $"{Text(range.Minimum)} to {Text(range.Maximum)}",
        RegularExpressionAttribute { ErrorMessage: { } hint } => hint,
        RequiredAttribute => "not empty",
        _ => rule.FormatErrorMessage(""),
    };
}
