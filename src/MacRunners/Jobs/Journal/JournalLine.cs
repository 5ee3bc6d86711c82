using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MacRunners.Jobs.Journal;

/// <summary>
/// The outer form of a line: <c>{"sum":"…","entry":{…}}</c>. The sum is the first 8 bytes, in hex, of the SHA-256 of the
/// entry's bytes as they stand, so a torn or altered line is recognised whatever it holds.
/// </summary>
internal static class JournalLine
{
    private const string Prefix = """{"sum":"0123456789abcdef","entry":""";

    /// <summary>Without line end.</summary>
    public static string Write(JournalEntry entry)
    {
        var json = entry is UnknownEntry unknown ? unknown.Json : JsonSerializer.Serialize(entry, JournalJson.Default.JournalEntry);
        return $$"""{"sum":"{{Sum(json)}}","entry":{{json}}}""";
    }

    /// <summary>False when the line is torn or altered.</summary>
    public static bool TryRead(string line, [NotNullWhen(true)] out JournalEntry? entry)
    {
        entry = null;
        if (line.Length <= Prefix.Length + 1 || !line.StartsWith("""{"sum":""", StringComparison.Ordinal) || line[^1] != '}')
        {
            return false;
        }

        var sum = line.AsSpan(Prefix.IndexOf("0123", StringComparison.Ordinal), 16);
        var json = line[Prefix.Length..^1];
        if (!sum.SequenceEqual(Sum(json)))
        {
            return false;
        }

        try
        {
            entry = JsonSerializer.Deserialize(json, JournalJson.Default.JournalEntry);
        }
        catch (JsonException)
        {
            // The sum is right, so somebody wrote exactly this: a newer daemon.
            entry = new UnknownEntry(json);
        }

        return entry is not null;
    }

    private static string Sum(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)).AsSpan(0, 8));
}
