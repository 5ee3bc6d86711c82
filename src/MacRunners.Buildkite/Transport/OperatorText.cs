using System.Text.RegularExpressions;

namespace MacRunners.Buildkite;

/// <summary>Makes text of the other side fit for logs and screens.</summary>
internal static partial class OperatorText
{
    private const int MaxLength = 500;

    /// <summary>Takes out the token of the request, whatever else looks like one of Buildkite's, and control characters; crops the rest.</summary>
    public static string Clean(string text, string token) => Clean(text.Replace(token, "[token]", StringComparison.Ordinal));

    /// <summary>As above for text that came without knowing the token of its request.</summary>
    public static string Clean(string text)
    {
        var safe = Control().Replace(Credential().Replace(text, "[token]"), " ").Trim();
        return TextCrop.ToCharacters(safe, MaxLength);
    }

    [GeneratedRegex(@"\bbk[a-z]{1,4}_[A-Za-z0-9._=-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Credential();

    // Line and paragraph separators and direction marks count: they rearrange a log line as a line feed does.
    [GeneratedRegex(@"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+", RegexOptions.CultureInvariant)]
    private static partial Regex Control();
}
