using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MacRunners.Commands;

/// <summary>Flags that say how long: <c>hh:mm:ss</c> and nothing else, since a bare number would mean days to the library.</summary>
internal static class DurationOption
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>The flag <c>--timeout</c>.</summary>
    /// <param name="description">For its help.</param>
    /// <param name="fallback">Without it; null for no limit.</param>
    public static Option<TimeSpan?> Timeout(string description, TimeSpan? fallback = null) => new("--timeout")
    {
        Description = description,
        HelpName = "hh:mm:ss",
        CustomParser = Parse,
        DefaultValueFactory = _ => fallback,
    };

    private static TimeSpan? Parse(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TimeSpan.TryParseExact(text, @"hh\:mm\:ss", CultureInfo.InvariantCulture, out var duration) && duration < Longest)
        {
            return duration;
        }

        result.AddError($"--timeout '{text}' is no duration hh:mm:ss below a day");
        return null;
    }
}
