using System.Text.Json.Serialization;

namespace MacRunners.MacEmulator.Volumes;

/// <summary>A volume that was added to the container.</summary>
internal sealed record Volume
{
    /// <summary>Its identity, for as long as it is there.</summary>
    public required string Uuid { get; init; }

    /// <summary>Where it is for now (<c>disk3s7</c>): the next volume may get the identifier of one that is gone.</summary>
    public required string Device { get; init; }

    /// <summary>Its name, which need not be its alone.</summary>
    public required string Name { get; init; }

    /// <summary>What the system takes it for; mostly nothing.</summary>
    public string? Role { get; init; }

    /// <summary>How many bytes it may grow to.</summary>
    public long? Quota { get; init; }

    /// <summary>How many bytes are kept for it.</summary>
    public long? Reserve { get; init; }

    /// <summary>Whether owners of files count, which has to be asked for.</summary>
    public bool HasOwners { get; init; }

    /// <summary>One of those that every Mac has; it is mounted for ever.</summary>
    [JsonIgnore]
    public string? SystemPoint { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(List<Volume>))]
internal sealed partial class VolumeJson : JsonSerializerContext;
