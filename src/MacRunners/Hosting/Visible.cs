using System.Globalization;
using System.Text;

namespace MacRunners.Hosting;

/// <summary>Makes text from outside harmless for terminals and line-based files.</summary>
internal static class Visible
{
    /// <summary>Control characters, line breaks and characters that turn the direction of writing are written as <c>\n</c>, <c>\x1b</c>, <c>\u202e</c>; the rest stays.</summary>
    public static string Text(string text)
    {
        if (!text.Any(IsTreacherous))
        {
            return text;
        }

        var visible = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (!IsTreacherous(c))
            {
                visible.Append(c);
                continue;
            }

            visible.Append(c switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < '\u0100' => $"\\x{(int)c:x2}",
                _ => $"\\u{(int)c:x4}",
            });
        }

        return visible.ToString();
    }

    private static bool IsTreacherous(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
