using System.Globalization;

namespace MacRunners.Buildkite;

/// <summary>Reads values that travel as text.</summary>
internal static class WireText
{
    private const int UuidLength = 36;

    /// <summary>
    /// Reads a job id strictly. <see cref="Guid"/> alone would accept white space, signs and <c>0x</c> inside, and the id ends up in
    /// account names and paths.
    /// </summary>
    public static bool TryJobId(string? text, out Guid id)
    {
        id = default;
        return text is { Length: UuidLength } && text.All(c => char.IsAsciiHexDigit(c) || c == '-') && Guid.TryParseExact(text, "D", out id);
    }

    /// <summary>Reads a list of job ids; what is no id cannot be one of ours and is left out.</summary>
    public static HashSet<Guid> JobIds(IEnumerable<string?>? texts)
    {
        var ids = new HashSet<Guid>();
        foreach (var text in texts ?? [])
        {
            if (TryJobId(text, out var id))
            {
                ids.Add(id);
            }
        }

        return ids;
    }

    /// <summary>Writes job ids, each once.</summary>
    public static string[] FromJobIds(IEnumerable<Guid> ids) => [.. ids.Distinct().Select(id => id.ToString("D"))];

    /// <summary>
    /// Reads a time that only informs or orders: null when absent or in a form not foreseen, since a page of jobs is worth more than the
    /// age of one of them.
    /// </summary>
    public static DateTimeOffset? Timestamp(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
