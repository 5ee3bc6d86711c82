using System.Text.Json.Serialization;

namespace MacRunners.MacEmulator.Faults;

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(List<FaultRule>))]
internal sealed partial class FaultJson : JsonSerializerContext;

/// <summary>One call per line, hence not indented.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ToolCall))]
internal sealed partial class CallJson : JsonSerializerContext;
