using System.Globalization;
using System.Text;

namespace MacRunners.Platform.Linux;

/// <summary>Reads the text of <c>/proc/self/mountinfo</c>.</summary>
internal static class MountTable
{
    private const int MountPointField = 4;

    /// <summary>Mount points at or below a path, deepest first; of several on one point the topmost first.</summary>
    internal static IReadOnlyList<string> Below(string mountInfo, string path)
    {
        var top = path.TrimEnd('/');
        return Points(mountInfo, point => point == top || point.StartsWith(top + "/", StringComparison.Ordinal), _ => true);
    }

    /// <summary>Mount points of the FUSE file systems of a user, in the same order: others only root can mount.</summary>
    internal static IReadOnlyList<string> Of(string mountInfo, uint uid)
    {
        var option = "user_id=" + uid.ToString(CultureInfo.InvariantCulture);
        return Points(mountInfo, _ => true, options => options.Split(',').Contains(option));
    }

    private static IReadOnlyList<string> Points(string mountInfo, Func<string, bool> isPoint, Func<string, bool> hasOptions) =>
    [
        .. mountInfo
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .Where(fields => hasOptions(fields[^1]))
            .Select(fields => Unescape(fields[MountPointField]))
            .Where(isPoint)
            .Reverse()
            .OrderByDescending(point => point.Count(c => c == '/')),
    ];

    /// <summary>The kernel writes blank, tab, newline and backslash as <c>\ooo</c>.</summary>
    private static string Unescape(string field)
    {
        var text = new StringBuilder(field.Length);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length)
            {
                text.Append((char)Convert.ToInt32(field.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();
    }
}
