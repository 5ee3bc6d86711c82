using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace MacRunners.Images;

/// <summary>What is in an image: <c>packaging/software/manifest.json</c>, the only place where a version of its software is written.</summary>
/// <param name="Images">The versions of macOS there are images of.</param>
/// <param name="Software">In the order in which it is installed.</param>
internal sealed record SoftwareManifest(IReadOnlyList<ImageOfMacOS> Images, IReadOnlyList<SoftwareItem> Software)
{
    /// <summary>Where the file names its schema, for editors.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>Understands a manifest of the same source as this program.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="InvalidDataException">It has faults; the message names the keys.</exception>
    public static SoftwareManifest Parse(string json, string name) => Parse(json, name, ManifestJson.Strict);

    /// <summary>Understands a manifest that may be younger than this program, and so may have keys that are unknown here.</summary>
    /// <inheritdoc cref="Parse(string, string)"/>
    public static (SoftwareManifest Manifest, IReadOnlyList<string> UnknownKeys) ParseOther(string json, string name)
    {
        var manifest = Parse(json, name, ManifestJson.Tolerant);
        var understood = JsonSerializer.SerializeToElement(manifest, ManifestJson.Tolerant.SoftwareManifest);
        using var document = JsonDocument.Parse(json);
        return (manifest, [.. Missing(document.RootElement, understood, "")]);
    }

    private static IEnumerable<string> Missing(JsonElement given, JsonElement understood, string at) => given.ValueKind switch
    {
        JsonValueKind.Object => given.EnumerateObject().SelectMany(member => understood.TryGetProperty(member.Name, out var known)
            ? Missing(member.Value, known, $"{at}.{member.Name}")
            : [$"{at}.{member.Name}"[1..]]),
        JsonValueKind.Array => given.EnumerateArray().SelectMany((element, index) => Missing(element, understood[index], $"{at}[{index}]")),
        _ => [],
    };

    private static SoftwareManifest Parse(string json, string name, ManifestJson reading)
    {
        SoftwareManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(json, reading.SoftwareManifest) ?? throw new InvalidDataException($"{name} is empty");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new InvalidDataException($"{name} is not as manifest.schema.json says: {e.Message}", e);
        }

        var faults = manifest.Faults().ToList();
        return faults.Count == 0 ? manifest : throw new InvalidDataException($"{name} has faults: {string.Join("; ", faults)}");
    }

    private IEnumerable<string> Faults()
    {
        foreach (var image in Images.Where(image => !IsMajorVersion(image.MacOS)))
        {
            yield return $"macos '{image.MacOS}' is no major version of two digits";
        }

        foreach (var twice in Software.GroupBy(item => item.Name).Where(group => group.Skip(1).Any()))
        {
            yield return $"software '{twice.Key}' is there twice";
        }

        foreach (var item in Software)
        {
            if (item.Install is Archive or XcodeInstallation or SimulatorInstallation && item.Version is null)
            {
                yield return $"software '{item.Name}': version is missing, which a download must have";
            }

            if (item.Upstream && item.Version is null)
            {
                yield return $"software '{item.Name}': upstream is set, but there is no version to compare";
            }

            if (item.Probe is null && item.Install is not NoInstallation)
            {
                yield return $"software '{item.Name}': probe is missing; only what is not installed may do without";
            }

            if (item.Install is NoInstallation && item.Unavailable is null)
            {
                yield return $"software '{item.Name}': unavailable is missing: why is it not installed?";
            }

            if (item.Probe is { } probe && !IsExpression(item.ExpandPattern(probe.Expects)))
            {
                yield return $"software '{item.Name}': probe.expects is no regular expression";
            }
        }
    }

    private static bool IsMajorVersion(string text) => text.Length == 2 && text.All(char.IsAsciiDigit);

    private static bool IsExpression(string pattern)
    {
        try
        {
            _ = Regex.Match("", pattern);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

/// <summary>One version of macOS that images are made of.</summary>
/// <param name="MacOS">Major version.</param>
/// <param name="Codename">As in the names of base images.</param>
/// <param name="Note">What is special about it; null when nothing is.</param>
internal sealed record ImageOfMacOS([property: JsonPropertyName("macos")] string MacOS, string Codename, string? Note = null);

/// <summary>One piece of software.</summary>
/// <param name="Name">Unique; archives are unpacked to <c>/opt/NAME-VERSION</c>.</param>
/// <param name="Title">For people.</param>
/// <param name="Install">How it comes into the image.</param>
/// <param name="Version">Exactly this one; null for whatever is current when the image is built.</param>
/// <param name="Probe">How its presence and version are found out; null when it is not installed.</param>
/// <param name="Unavailable">What of it cannot be had in an unattended VM, and why; null when nothing is missing.</param>
/// <param name="Upstream">Whether the project's own bootstrap script names its version, too, and has to.</param>
internal sealed partial record SoftwareItem(
    string Name, string Title, SoftwareInstallation Install, string? Version = null, VersionProbe? Probe = null, string? Unavailable = null, bool Upstream = false)
{
    private const string WholeVersion = "{version}";
    private const string FirstNumber = "{major}";

    /// <summary>The text with the version in place of <c>{version}</c>, and its first number in place of <c>{major}</c>.</summary>
    public string Expand(string text) => Fill(text, Version ?? "");

    /// <summary>The same for a regular expression: the version stands there literally.</summary>
    public string ExpandPattern(string pattern) => Fill(pattern, Regex.Escape(Version ?? ""));

    private static string Fill(string text, string version) => text
        .Replace(WholeVersion, version, StringComparison.Ordinal)
        .Replace(FirstNumber, Digits().Match(version).Value, StringComparison.Ordinal);

    [GeneratedRegex("^[0-9]*")]
    private static partial Regex Digits();
}

/// <summary>How a program tells its version.</summary>
/// <param name="Program">A name, looked for in the <c>PATH</c> of jobs, or an absolute path.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Expects">Regular expression for the first line of its output.</param>
internal sealed record VersionProbe(string Program, IReadOnlyList<string> Arguments, string Expects);

/// <summary>Where an archive is and what it must be.</summary>
/// <param name="Url">HTTPS.</param>
/// <param name="Sha256">Of its bytes, in lower-case hexadecimal.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Credential">Name of what opens the storage: its value is in the environment of the build, never here; null when everybody may have it.</param>
internal sealed record Download(string Url, string Sha256, string Source, string? Credential = null);
