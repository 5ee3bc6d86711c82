using System.Globalization;
using System.Text;

namespace MacRunners.Platform.Linux;

/// <summary>Reads the text of <c>/proc/self/mountinfo</c> and, of a descriptor, <c>/proc/self/fdinfo</c>.</summary>
internal static class MountTable
{
    private const int IdField = 0;
    private const int RootField = 3;
    private const int MountPointField = 4;
    private const int OptionsField = 5;

    /// <summary>Mounts at or below a path, deepest first; of several on one point the topmost first.</summary>
    internal static IReadOnlyList<Mount> Below(string mountInfo, string path)
    {
        var top = path.TrimEnd('/');
        return Mounts(mountInfo, point => point == top || point.StartsWith(top + "/", StringComparison.Ordinal), _ => true);
    }

    /// <summary>FUSE file systems of a user, in the same order: others only root can mount.</summary>
    internal static IReadOnlyList<Mount> Of(string mountInfo, uint uid)
    {
        var option = "user_id=" + uid.ToString(CultureInfo.InvariantCulture);
        return Mounts(mountInfo, _ => true, options => options.Split(',').Contains(option));
    }

    /// <summary>The folder of a control group of version 2; null where it is not mounted, or only for reading.</summary>
    /// <param name="mountInfo">The table.</param>
    /// <param name="group">Its path within the hierarchy, as <c>/proc/PID/cgroup</c> has it.</param>
    internal static string? FolderOfControlGroup(string mountInfo, string group) => mountInfo
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(' '))
        .Where(fields => fields[Array.IndexOf(fields, "-", OptionsField) + 1] == "cgroup2" && !IsReadOnly(fields[OptionsField]) && !IsReadOnly(fields[^1]))
        .Select(fields => Below(Unescape(fields[RootField]).TrimEnd('/'), group.TrimEnd('/'), Unescape(fields[MountPointField])))
        .FirstOrDefault(folder => folder is not null);

    /// <summary>The number of the mount that a descriptor is on.</summary>
    internal static ulong IdOf(string descriptorInfo)
    {
        const string key = "mnt_id:";
        var line = descriptorInfo.Split('\n').First(line => line.StartsWith(key, StringComparison.Ordinal));
        return ulong.Parse(line.AsSpan(key.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static IReadOnlyList<Mount> Mounts(string mountInfo, Func<string, bool> isPoint, Func<string, bool> hasOptions) =>
    [
        .. mountInfo
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .Where(fields => hasOptions(fields[^1]))
            .Select(fields => new Mount(Unescape(fields[MountPointField]), ulong.Parse(fields[IdField], NumberStyles.None, CultureInfo.InvariantCulture)))
            .Where(mount => isPoint(mount.Point))
            .Reverse()
            .OrderByDescending(mount => mount.Point.Count(c => c == '/')),
    ];

    private static bool IsReadOnly(string options) => options.Split(',').Contains("ro");

    // Outside of the namespace a path leads upwards.
    private static string? Below(string root, string group, string point) =>
        (group + "/").StartsWith(root + "/", StringComparison.Ordinal) && !group.Split('/').Contains("..") ? point + group[root.Length..] : null;

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
