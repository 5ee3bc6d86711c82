using System.Text;

namespace MacRunners.MacEmulator.Root;

/// <summary>Mount points of the host.</summary>
internal static class MountTable
{
    /// <summary>Mount points at or below a path, deepest first.</summary>
    internal static IReadOnlyList<string> Below(string path) =>
        [.. File.ReadLines("/proc/self/mountinfo")
            .Select(line => Unescape(line.Split(' ')[4]))
            .Where(mount => mount == path || mount.StartsWith(path + "/", StringComparison.Ordinal))
            .OrderByDescending(mount => mount.Length)];

    // The kernel writes space, tab, line feed and backslash as three octal digits.
    private static string Unescape(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length)
            {
                _ = result.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                _ = result.Append(text[i]);
            }
        }

        return result.ToString();
    }
}
