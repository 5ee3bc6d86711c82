using System.Text.Json;
using System.Text.Json.Serialization;

namespace MacRunners.Hosting.Http;

/// <summary>The answer of <c>/health</c>.</summary>
internal sealed record HealthDocument(
    string Status,
    string Version,
    string Host,
    long UptimeSeconds,
    HealthDocument.SlotCount Slots,
    IReadOnlyList<HealthDocument.Check> Checks)
{
    /// <summary>Slots of the machine.</summary>
    internal sealed record SlotCount(int Total, int Busy);

    /// <summary>One check.</summary>
    internal sealed record Check(string Name, string Status, DateTimeOffset Since, string Detail, string? Remedy);
}

/// <summary>The answer of <c>/health/ready</c>.</summary>
/// <param name="Ready">Whether a matching job would be taken now.</param>
/// <param name="Reason">Why not.</param>
internal sealed record ReadyDocument(bool Ready, string? Reason);

/// <summary>The answer of <c>/health/live</c>.</summary>
internal sealed record LiveDocument(string Status);

/// <summary>The answer to a request that makes no sense.</summary>
internal sealed record ErrorDocument(string Error);

/// <summary>How the answers are written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(ReadyDocument))]
[JsonSerializable(typeof(LiveDocument))]
[JsonSerializable(typeof(ErrorDocument))]
internal sealed partial class HttpJson : JsonSerializerContext;
