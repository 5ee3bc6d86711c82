using System.Globalization;
using MacRunners.Images;

namespace MacRunners.Fleet.Versions;

/// <summary>The software manifest of the repository, understood by the daemon's own source.</summary>
internal static class ManifestFile
{
    /// <summary>Where it is in the repository.</summary>
    public const string DefaultPath = "packaging/software/manifest.json";

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is missing or has faults.</exception>
    public static SoftwareManifest Read(string path)
    {
        try
        {
            var manifest = SoftwareManifest.Parse(File.ReadAllText(path), path);
            return manifest.Images.Count > 0 ? manifest : throw new InvalidDataException($"{path} names no image");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The software manifest cannot be read: {e.Message} Give its path with --manifest.", e);
        }
    }

    /// <summary>The versions of macOS that were asked for, or all that images are made of.</summary>
    /// <exception cref="InvalidDataException">Some are not in the manifest; all of them are named.</exception>
    public static IReadOnlyList<int> Select(this SoftwareManifest manifest, IReadOnlyList<int> wanted)
    {
        var known = manifest.Images.Select(image => int.Parse(image.MacOS, NumberStyles.None, CultureInfo.InvariantCulture)).ToList();
        var unknown = wanted.Except(known).ToList();
        return unknown.Count > 0
            ? throw new InvalidDataException($"macOS {string.Join(", ", unknown)}: not in the manifest, which has {string.Join(", ", known)}")
            : wanted.Count > 0 ? [.. wanted.Distinct()] : known;
    }
}
