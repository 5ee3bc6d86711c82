using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MacRunners.Fleet.Processes;

/// <summary>Secrets that a program was given, and what is left of its texts without them.</summary>
internal sealed class Secrets
{
    private const string Placeholder = "<redacted>";

    // Of fewer characters much would be one by accident, and none is a secret.
    private const int Shortest = 6;

    // What is quoted once more has more of them: JSON in JSON, as Packer's log has it.
    private const int MostBackslashes = 4;

    private readonly Regex? _any;

    /// <summary>Knows these, and how programs write them: in addresses and forms, in JSON, in base64. Texts are read by lines, so each line of one counts, too.</summary>
    public Secrets(IEnumerable<string> values)
    {
        var patterns = values
            .SelectMany(value => value.Split('\n').Append(value))
            .Select(value => value.Trim())
            .Where(value => value.Length >= Shortest)
            .SelectMany(value => new[] { value, Convert.ToBase64String(Encoding.UTF8.GetBytes(value)).TrimEnd('=') })
            .Distinct()
            .OrderByDescending(form => form.Length)
            .Select(form => string.Concat(form.EnumerateRunes().Select(Pattern)))
            .ToList();
        _any = patterns.Count > 0 ? new Regex(string.Join('|', patterns), RegexOptions.CultureInvariant) : null;
    }

    /// <summary>The text without them.</summary>
    public string Redact(string text) => _any?.Replace(text, Placeholder) ?? text;

    /// <summary>Makes a file that may be shown of one that may not, which goes.</summary>
    /// <param name="from">The file with secrets; nothing happens when it does not exist.</param>
    /// <param name="to">The file without.</param>
    public void MoveRedacted(string from, string to)
    {
        if (!File.Exists(from))
        {
            return;
        }

        using (var writer = new StreamWriter(to))
        {
            foreach (var line in File.ReadLines(from))
            {
                writer.WriteLine(Redact(line));
            }
        }

        File.Delete(from);
    }

    /// <summary>One character as encoders write it: each of them escapes others, so none is taken for one that all do.</summary>
    private static string Pattern(Rune character)
    {
        if (Rune.IsLetterOrDigit(character) && character.IsAscii)
        {
            return character.ToString();
        }

        var text = character.ToString();
        var (percent, unicode) = (
            string.Concat(Encoding.UTF8.GetBytes(text).Select(octet => $"%{octet:x2}")),
            string.Concat(text.Select(unit => string.Create(CultureInfo.InvariantCulture, $@"\\{{1,{MostBackslashes}}}u{(int)unit:x4}"))));
        var more = character.Value switch
        {
            ' ' => @"|\+",
            '"' => $@"|\\{{0,{MostBackslashes - 1}}}""",
            '\\' => $@"|\\{{1,{MostBackslashes}}}",
            '\n' => $@"|\\{{1,{MostBackslashes}}}n",
            '\r' => $@"|\\{{1,{MostBackslashes}}}r",
            '\t' => $@"|\\{{1,{MostBackslashes}}}t",
            _ => "",
        };

        // Hexadecimal digits are small or capital.
        return $"(?:{Regex.Escape(text)}|(?i:{percent}|{unicode}){more})";
    }
}
