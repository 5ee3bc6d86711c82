using System.Text.Json.Serialization;

namespace MacRunners.MacEmulator.Accounts;

/// <summary>Everything the emulated commands remember between invocations.</summary>
internal sealed class DirectoryState
{
    /// <summary>Users made through the emulator.</summary>
    public List<DirectoryRecord> Users { get; init; } = [];

    /// <summary>Groups made through the emulator.</summary>
    public List<DirectoryRecord> Groups { get; init; } = [];

    /// <summary>Lines of <c>/etc/passwd</c> that belong to the emulator: no other line is ever touched.</summary>
    public Dictionary<string, uint> HostUsers { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Lines of <c>/etc/group</c> that belong to the emulator.</summary>
    public Dictionary<string, uint> HostGroups { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Uids whose launchd user domain is alive.</summary>
    public SortedSet<uint> UserDomains { get; init; } = [];
}

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DirectoryState))]
internal sealed partial class StateJson : JsonSerializerContext;
