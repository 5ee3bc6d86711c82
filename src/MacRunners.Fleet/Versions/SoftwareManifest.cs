using System.Globalization;
using System.Text.Json;

namespace MacRunners.Fleet.Versions;

/// <summary>What the manifest of the image's software says, as far as it matters here.</summary>
/// <param name="MacOs">Major versions of macOS that images are built for.</param>
/// <param name="Versions">Exact versions by name of the tool; tools without one are left out.</param>
internal sealed record SoftwareManifest(IReadOnlyList<int> MacOs, IReadOnlyDictionary<string, string> Versions)
{
    /// <summary>Where it is in the repository.</summary>
    public const string DefaultPath = "packaging/software/manifest.json";

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is missing or not a manifest.</exception>
    public static SoftwareManifest Read(string path)
    {
        try
        {
            var root = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path));
            var macOs = root.GetProperty("images").EnumerateArray().Select(image => Number(image.GetProperty("macos"))).ToList();
            var versions = root.GetProperty("software").EnumerateArray()
                .Where(tool => tool.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.String)
                .ToDictionary(tool => tool.GetProperty("name").GetString()!, tool => tool.GetProperty("version").GetString()!);
            return macOs.Count > 0 && versions.Count > 0 ? new SoftwareManifest(macOs, versions) : throw new InvalidDataException($"{path} names no image or no version");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The software manifest cannot be read: {e.Message} Give its path with --manifest.", e);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is not a software manifest: {e.Message} It needs \"images\" with \"macos\", and \"software\" with \"name\" and \"version\".", e);
        }
    }

    /// <summary>The versions of macOS that were asked for, or all.</summary>
    /// <exception cref="InvalidDataException">Some are not in the manifest; all of them are named.</exception>
    public IReadOnlyList<int> Select(IReadOnlyList<int> wanted)
    {
        var unknown = wanted.Except(MacOs).ToList();
        return unknown.Count > 0
            ? throw new InvalidDataException($"macOS {string.Join(", ", unknown)}: not in the manifest, which has {string.Join(", ", MacOs)}")
            : wanted.Count > 0 ? [.. wanted.Distinct()] : MacOs;
    }

    // A number, or one as text.
    private static int Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetInt32() : int.Parse(value.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture);
}
