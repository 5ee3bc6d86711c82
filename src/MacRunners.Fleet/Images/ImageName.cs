using System.Globalization;
using System.Text.RegularExpressions;

namespace MacRunners.Fleet.Images;

/// <summary>
/// The name of an image of ours, <c>bun-macos-15-20261124-020000-ab12cd3</c>: family, macOS, time of the build (UTC), commit. Age is in the
/// name because not every interface tells it. In a registry the last two parts are the tag: <c>host/project/bun-macos-15:20261124-020000-ab12cd3</c>.
/// </summary>
internal sealed partial record ImageName
{
    private const string TimeFormat = "yyyyMMdd-HHmmss";

    // Older images have no seconds.
    private static readonly string[] TimeFormats = [TimeFormat, "yyyyMMdd-HHmm"];

    private readonly string _stamp;

    private ImageName(string family, int macOs, string stamp, DateTimeOffset builtAt, string commit, string? repository)
    {
        _stamp = stamp;
        Family = family;
        MacOs = macOs;
        BuiltAt = builtAt;
        Commit = commit;
        Repository = repository;
    }

    /// <summary>What all images of one project begin with.</summary>
    public string Family { get; }

    /// <summary>Major version of macOS.</summary>
    public int MacOs { get; }

    /// <summary>When it was built.</summary>
    public DateTimeOffset BuiltAt { get; }

    /// <summary>First digits of the commit it was built from.</summary>
    public string Commit { get; }

    /// <summary>Registry and project, for one in a registry; null for a local image.</summary>
    public string? Repository { get; }

    /// <summary>Name of the template that stands for its promotion: the same as that of the local image.</summary>
    public string Template => $"{Family}-macos-{MacOs}-{_stamp}-{Commit}";

    /// <summary>The name of an image built now.</summary>
    /// <exception cref="FormatException">A part is not what a name can have.</exception>
    public static ImageName Create(string family, int macOs, DateTimeOffset now, string commit) =>
        Parse($"{family}-macos-{macOs}-{now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}-{commit[..Math.Min(commit.Length, 7)]}");

    /// <summary>Reads a name.</summary>
    /// <exception cref="FormatException">It is not one of ours.</exception>
    public static ImageName Parse(string text) => TryParse(text)
        ?? throw new FormatException($"\"{text}\" is not a name like bun-macos-15-20261124-020000-ab12cd3 (family, macOS, time of the build in UTC, commit)");

    /// <summary>Reads a name; null for one that is not of ours.</summary>
    public static ImageName? TryParse(string text)
    {
        var match = Shape().Match(text);
        if (!match.Success
            || !DateTime.TryParseExact(match.Groups["time"].Value, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            || !int.TryParse(match.Groups["macos"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var macOs))
        {
            return null;
        }

        var repository = match.Groups["repository"] is { Success: true } group ? group.Value : null;
        var name = new ImageName(match.Groups["family"].Value, macOs, match.Groups["time"].Value, new DateTimeOffset(time, TimeSpan.Zero), match.Groups["commit"].Value, repository);

        // Both spellings exist, but not mixed; and a template's name has 50 characters.
        return name.ToString() == text && name.Template.Length <= 50 ? name : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Repository is null ? Template : $"{Repository}/{Family}-macos-{MacOs}:{_stamp}-{Commit}";

    [GeneratedRegex(@"^((?<repository>[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*)/)?(?<family>[a-z0-9]+(-[a-z0-9]+)*?)-macos-(?<macos>[1-9][0-9])[-:](?<time>[0-9]{8}-[0-9]{4}([0-9]{2})?)-(?<commit>[0-9a-f]{7,12})\z")]
    private static partial Regex Shape();
}
