using System.Text.Json.Serialization;
using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Tools.PacketFilter;

/// <summary>What pf holds: rules, and who wants it to run. Nothing is filtered by it.</summary>
internal sealed class PfState
{
    /// <summary>Whether it runs.</summary>
    public bool IsEnabled { get; set; }

    /// <summary>References that keep it running, in the order in which they were taken.</summary>
    public List<ulong> Tokens { get; init; } = [];

    /// <summary>The main rules, as the system's <c>/etc/pf.conf</c> makes them at boot.</summary>
    public List<string> Main { get; init; } = ["scrub-anchor \"com.apple/*\" all fragment reassemble", "anchor \"com.apple/*\" all"];

    /// <summary>Rules below anchors, as they are printed.</summary>
    public Dictionary<string, List<string>> Anchors { get; init; } = new(StringComparer.Ordinal);

    internal static PfState Read(EmulatorRoot root) => RootOnlyFile.ReadJson(root.PacketFilter, PfJson.Default.PfState) ?? new PfState();

    internal void Write(EmulatorRoot root) => RootOnlyFile.WriteJson(root.PacketFilter, this, PfJson.Default.PfState);
}

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PfState))]
internal sealed partial class PfJson : JsonSerializerContext;
