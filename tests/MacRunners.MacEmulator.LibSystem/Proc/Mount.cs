using System.Globalization;
using System.Text;

namespace MacRunners.MacEmulator.LibSystem.Proc;

/// <summary>A line of <c>/proc/self/mountinfo</c>. Texts are bytes as Latin-1 characters.</summary>
/// <param name="Id">Of this mount alone, as long as it is there.</param>
/// <param name="Major">Device.</param>
/// <param name="Minor">Device.</param>
/// <param name="Root">Which folder of the file system is mounted.</param>
/// <param name="Point">Where.</param>
/// <param name="Options">Per-mount options.</param>
/// <param name="Type">File system type.</param>
/// <param name="Source">What is mounted.</param>
/// <param name="SuperOptions">Options of the file system.</param>
internal sealed record Mount(int Id, uint Major, uint Minor, string Root, string Point, string[] Options, string Type, string Source, string[] SuperOptions)
{
    private const string VolumeSource = "/dev/disk";
    private const string BehindVolumes = "/.emulator/volumes/";

    /// <summary>A volume that the emulated <c>diskutil</c> has mounted.</summary>
    internal bool IsVolume => Type == "tmpfs" && Source.StartsWith(VolumeSource, StringComparison.Ordinal);

    /// <summary>What a Mac would show: without the places where the emulator keeps its volumes.</summary>
    internal static IReadOnlyList<Mount> Visible() => [.. All().Where(mount => !mount.IsVolume || !mount.Point.Contains(BehindVolumes, StringComparison.Ordinal))];

    /// <summary>In the order they were made: a later one hides an earlier one at the same place.</summary>
    internal static IReadOnlyList<Mount> All() =>
        [.. (ProcFile.Read("/proc/self/mountinfo") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).OfType<Mount>()];

    /// <summary>True when <paramref name="path"/> is <paramref name="folder"/> or below.</summary>
    internal static bool IsAtOrBelow(string path, string folder) =>
        folder == "/" || path == folder || (path.StartsWith(folder, StringComparison.Ordinal) && path[folder.Length] == '/');

    private static Mount? Parse(string line)
    {
        // id parent major:minor root point options [optional fields] - type source super-options
        var fields = line.Split(' ');
        var separator = Array.IndexOf(fields, "-");
        if (separator < 6 || fields.Length < separator + 4 || fields[2].Split(':') is not [var major, var minor])
        {
            return null;
        }

        return new Mount(
            int.Parse(fields[0], CultureInfo.InvariantCulture),
            uint.Parse(major, CultureInfo.InvariantCulture),
            uint.Parse(minor, CultureInfo.InvariantCulture),
            Unescape(fields[3]),
            Unescape(fields[4]),
            fields[5].Split(','),
            fields[separator + 1],
            Unescape(fields[separator + 2]),
            fields[separator + 3].Split(','));
    }

    // Space, tab, line feed and backslash are written as three octal digits.
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
