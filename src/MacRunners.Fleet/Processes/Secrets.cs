using System.Text;
using System.Text.Encodings.Web;

namespace MacRunners.Fleet.Processes;

/// <summary>Secrets that a program was given, and what is left of its texts without them.</summary>
internal sealed class Secrets
{
    private const string Placeholder = "<redacted>";

    // Of fewer characters much would be one by accident, and none is a secret.
    private const int Shortest = 6;

    private readonly IReadOnlyList<string> _forms;

    /// <summary>Knows these, and how programs write them: in addresses, in JSON, in base64.</summary>
    public Secrets(IEnumerable<string> values) => _forms =
    [
        .. values.Select(value => value.Trim()).Where(value => value.Length >= Shortest)
            .SelectMany(value => new[] { value, Uri.EscapeDataString(value), JavaScriptEncoder.Default.Encode(value), Convert.ToBase64String(Encoding.UTF8.GetBytes(value)).TrimEnd('=') })
            .Distinct()
            .OrderByDescending(form => form.Length),
    ];

    /// <summary>The text without them.</summary>
    public string Redact(string text) => _forms.Aggregate(text, (left, form) => left.Replace(form, Placeholder, StringComparison.Ordinal));

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
}
