using System.Text;

namespace MacRunners.MacEmulator.Root;

/// <summary>Mount points of the host.</summary>
internal static class MountTable
{
    /// <summary>All of them, deepest first.</summary>
    internal static IReadOnlyList<MountedPoint> All() => [.. File.ReadLines("/proc/self/mountinfo").Select(Parse).OrderByDescending(mount => mount.Point.Length)];

    /// <summary>Mounts at or below a path, deepest first.</summary>
    internal static IReadOnlyList<MountedPoint> Below(string path) =>
        [.. All().Where(mount => mount.Point == path || mount.Point.StartsWith(path + "/", StringComparison.Ordinal))];

    private static MountedPoint Parse(string line)
    {
        // id parent device root point options [optional fields] - type source options of the file system
        var fields = line.Split(' ');
        var separator = Array.IndexOf(fields, "-");
        return new MountedPoint(Unescape(fields[4]), fields[5].Split(','), fields[separator + 1], Unescape(fields[separator + 2]), fields[2]);
    }

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

/// <summary>A mounted file system.</summary>
/// <param name="Point">Where.</param>
/// <param name="Options">How.</param>
/// <param name="Type">Of which type.</param>
/// <param name="Source">What.</param>
/// <param name="Device">Number of the file system, the same wherever it is mounted.</param>
internal sealed record MountedPoint(string Point, IReadOnlyList<string> Options, string Type, string Source, string Device);
