using System.Text;

namespace MacRunners.Buildkite;

/// <summary>
/// Shortens text to a limit of the service without cutting a character in two. A cut is shown by an ellipsis, which is within the limit.
/// Halves of surrogate pairs and NUL, which the service cannot store, become U+FFFD.
/// </summary>
internal static class TextCrop
{
    private const char Ellipsis = '…';

    /// <summary>Crops to a number of bytes in UTF-8.</summary>
    public static string ToUtf8Bytes(string text, int limit) => Crop(text, limit, rune => rune.Utf8SequenceLength);

    /// <summary>Crops to a number of UTF-16 units, which is never more than that many characters however they are counted.</summary>
    public static string ToCharacters(string text, int limit) => Crop(text, limit, rune => rune.Utf16SequenceLength);

    private static string Crop(string text, int limit, Func<Rune, int> size)
    {
        var room = limit - size(new Rune(Ellipsis));
        var result = new StringBuilder(Math.Min(text.Length, limit));
        var used = 0;
        var fits = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var clean = rune.Value == 0 ? Rune.ReplacementChar : rune;
            used += size(clean);
            if (used > limit)
            {
                result.Length = fits;
                return result.Append(Ellipsis).ToString();
            }

            result.Append(clean);
            if (used <= room)
            {
                fits = result.Length;
            }
        }

        return result.ToString();
    }
}
