namespace MacRunners.Agent;

/// <summary>The Xcode that a tag <c>xcode=VERSION</c> of the machine promises, for the <c>DEVELOPER_DIR</c> of its jobs.</summary>
internal static class DeveloperFolder
{
    private const string Tag = "xcode=";
    private const string Version = "{version}";

    /// <summary>The versions that the tags promise, in their order.</summary>
    public static IReadOnlyList<string> Promised(IEnumerable<string> tags) =>
        [.. tags.Where(tag => tag.StartsWith(Tag, StringComparison.Ordinal)).Select(tag => tag[Tag.Length..])];

    /// <summary>Where a version would be; nowhere when it cannot be a version.</summary>
    /// <param name="version">As the tag says it.</param>
    /// <param name="places">The platform's, with <c>{version}</c> in them.</param>
    public static IReadOnlyList<string> PlacesOf(string version, IReadOnlyList<string> places) =>
        version.Length > 0 && version.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? [.. places.Select(place => place.Replace(Version, version, StringComparison.Ordinal))]
            : [];

    /// <summary>The folder of a version; null when it is not installed.</summary>
    /// <inheritdoc cref="PlacesOf"/>
    public static string? Find(string version, IReadOnlyList<string> places) => PlacesOf(version, places).FirstOrDefault(Directory.Exists);

    /// <summary>What jobs get unless their step says otherwise: the first promised version that is there.</summary>
    /// <param name="tags">The machine's.</param>
    /// <param name="places">The platform's, with <c>{version}</c> in them.</param>
    public static string? For(IEnumerable<string> tags, IReadOnlyList<string> places) =>
        Promised(tags).Select(version => Find(version, places)).FirstOrDefault(folder => folder is not null);
}
