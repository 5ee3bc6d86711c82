namespace MacRunners.Images;

/// <summary>The software manifest that this program was built with.</summary>
internal static class BuiltInManifest
{
    private const string Resource = "Images/manifest.json";

    /// <summary>It, understood.</summary>
    public static SoftwareManifest Value { get; } = SoftwareManifest.Parse(Text(), "the built-in manifest");

    private static string Text()
    {
        using var stream = typeof(BuiltInManifest).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidDataException($"{Resource} is not in this program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
