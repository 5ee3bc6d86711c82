using System.Text.Json;
using System.Text.Json.Serialization;

namespace MacRunners.MacEmulator.Root;

/// <summary>What kind of Mac this pretends to be; by default one that is set up as it should be.</summary>
internal sealed record Machine
{
    /// <summary>Version of macOS.</summary>
    public string Version { get; init; } = "15.5";

    /// <summary>System Integrity Protection.</summary>
    public bool IsProtected { get; init; } = true;

    /// <summary>Whether Spotlight indexes the volume.</summary>
    public bool IsIndexed { get; init; }

    /// <summary>Dates of the local Time Machine snapshots.</summary>
    public IReadOnlyList<string> Snapshots { get; init; } = [];

    /// <summary>Paths that Time Machine leaves out.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];

    /// <summary>Everybody may ask: the file is replaced as a whole, so no lock is needed.</summary>
    internal static Machine Read(EmulatorRoot root) =>
        File.Exists(root.Machine) ? JsonSerializer.Deserialize(File.ReadAllText(root.Machine), MachineJson.Default.Machine)! : new Machine();

    internal static void Change(EmulatorRoot root, Func<Machine, Machine> change)
    {
        using var held = StateLock.Take(root);
        var temporary = root.Machine + ".new";
        File.WriteAllText(temporary, JsonSerializer.Serialize(change(Read(root)), MachineJson.Default.Machine));
        File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.Move(temporary, root.Machine, overwrite: true);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Machine))]
internal sealed partial class MachineJson : JsonSerializerContext;
