using System.Text.Json;
using System.Text.Json.Serialization;

namespace MacRunners.MacEmulator.Tools.Keychains;

/// <summary>A keychain: a file in its owner's home.</summary>
/// <param name="Password">What unlocks it.</param>
/// <param name="IsLocked">Whether its keys can be used now. A real one knows this in memory only.</param>
/// <param name="HasTimeout">Whether it locks itself.</param>
/// <param name="Keys">What is in it.</param>
internal sealed record KeychainFile(string Password, bool IsLocked, bool HasTimeout, IReadOnlyList<KeychainKey> Keys)
{
    internal static KeychainFile? Read(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), KeychainJson.Default.KeychainFile) : null;

    internal void Write(string path)
    {
        using var stream = new FileStream(
            path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        JsonSerializer.Serialize(stream, this, KeychainJson.Default.KeychainFile);
    }
}

/// <summary>A private key with its certificate.</summary>
/// <param name="Subject">Common name of the certificate.</param>
/// <param name="Thumbprint">SHA-1 of the certificate, as hexadecimal digits.</param>
/// <param name="Programs">Programs that may use it once the partitions agree.</param>
/// <param name="Partitions">Who may use it without a dialogue.</param>
internal sealed record KeychainKey(string Subject, string Thumbprint, IReadOnlyList<string> Programs, IReadOnlyList<string> Partitions);

/// <summary>Which keychains are searched, and where new things go.</summary>
/// <param name="Searched">Paths, in order.</param>
/// <param name="Default">Path; null for none.</param>
internal sealed record KeychainPreferences(IReadOnlyList<string> Searched, string? Default)
{
    internal static KeychainPreferences Read(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), KeychainJson.Default.KeychainPreferences)! : new([], null);

    internal void Write(string path)
    {
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(this, KeychainJson.Default.KeychainPreferences));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeychainFile))]
[JsonSerializable(typeof(KeychainPreferences))]
internal sealed partial class KeychainJson : JsonSerializerContext;
