using System.Text.Json.Serialization;

namespace MacRunners.Simulator.Agent.Api;

/// <summary>Body of <c>POST register</c>.</summary>
internal sealed record RegisterRequest(
    string Name, string Hostname, string Os, string Arch, bool ScriptEvalEnabled, bool IgnoreInDispatches,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Priority,
    string Version, string Build, IReadOnlyList<string> MetaData, int Pid,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? MachineId,
    IReadOnlyList<string> Features);

/// <summary>Answer to <c>POST register</c>.</summary>
internal sealed record RegisterResponse(
    string Id, string Name, string AccessToken, string? Endpoint, int PingInterval, int JobStatusInterval, int HeartbeatInterval,
    IReadOnlyList<string>? MetaData);

/// <summary>Body and answer of <c>POST heartbeat</c>.</summary>
internal sealed record Heartbeat(
    string SentAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ReceivedAt = null);

/// <summary>The job as <c>PUT jobs/{id}/acquire</c> hands it over.</summary>
internal sealed record AcquiredJob(
    string Id, string? State, string? Endpoint, Dictionary<string, string>? Env, AcquiredStep? Step, ulong ChunksMaxSizeBytes,
    ulong LogMaxSizeBytes, string? Token, string? RunnableAt);

/// <summary>The step of a job, as far as the agent acts on it.</summary>
internal sealed record AcquiredStep(System.Text.Json.JsonElement? Signature);

/// <summary>Answer to <c>GET jobs/{id}</c>.</summary>
internal sealed record JobStateResponse(string? State);

/// <summary>Body of <c>PUT jobs/{id}/start</c>.</summary>
internal sealed record StartRequest(string StartedAt);

/// <summary>Body of <c>PUT jobs/{id}/finish</c>; the exit status is text.</summary>
internal sealed record FinishRequest(
    string ExitStatus,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Signal,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SignalReason,
    string FinishedAt, int ChunksFailedCount);

/// <summary>Body of <c>POST jobs/{id}/header_times</c>.</summary>
internal sealed record HeaderTimesRequest(IReadOnlyDictionary<string, string> HeaderTimes);

/// <summary>Body of the data calls.</summary>
internal sealed record DataRequest(string Key, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Value = null);

/// <summary>Answer to <c>data/exists</c>.</summary>
internal sealed record DataExistsResponse(bool Exists);

/// <summary>An error answer.</summary>
internal sealed record ErrorResponse(string? Message);

/// <summary>Source-generated serialisation of the Agent API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(RegisterResponse))]
[JsonSerializable(typeof(Heartbeat))]
[JsonSerializable(typeof(AcquiredJob))]
[JsonSerializable(typeof(JobStateResponse))]
[JsonSerializable(typeof(StartRequest))]
[JsonSerializable(typeof(FinishRequest))]
[JsonSerializable(typeof(HeaderTimesRequest))]
[JsonSerializable(typeof(DataRequest))]
[JsonSerializable(typeof(DataExistsResponse))]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class AgentApiJson : JsonSerializerContext;
