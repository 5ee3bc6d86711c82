namespace MacRunners.Simulator.Messages;

/// <summary>A job as the control surface shows it.</summary>
internal sealed record JobView
{
    public required string Id { get; init; }

    public required string State { get; init; }

    public required string Queue { get; init; }

    public required string Command { get; init; }

    public required string BuildId { get; init; }

    public required int Priority { get; init; }

    public required int? ExitStatus { get; init; }

    public required string? Signal { get; init; }

    public required string? SignalReason { get; init; }

    public required string? FinishDetail { get; init; }

    /// <summary>The stack that holds the job, while one does.</summary>
    public required string? ReservedBy { get; init; }

    public required DateTimeOffset? ReservedUntil { get; init; }

    public required AgentView? Agent { get; init; }

    public required DateTimeOffset ScheduledAt { get; init; }

    public required DateTimeOffset? StartedAt { get; init; }

    public required DateTimeOffset? FinishedAt { get; init; }

    public required string Log { get; init; }

    /// <summary>False when chunks of the log are missing.</summary>
    public required bool LogComplete { get; init; }

    public required int ChunksFailedCount { get; init; }

    public required IReadOnlyList<JobEventView> Events { get; init; }

    public required IReadOnlyDictionary<string, string> MetaData { get; init; }

    public required IReadOnlyList<Annotation> Annotations { get; init; }

    public required IReadOnlyList<Artifact> Artifacts { get; init; }
}

/// <summary>Something that happened to a job.</summary>
internal sealed record JobEventView(string Name, DateTimeOffset At, string? Detail);

/// <summary>An agent as the control surface shows it.</summary>
internal sealed record AgentView(
    string Id,
    string Name,
    string Hostname,
    string Version,
    int? Pid,
    string Queue,
    IReadOnlyList<string> MetaData,
    string RegisteredWith,
    string? Stack,
    bool Connected,
    DateTimeOffset LastSeen);

/// <summary>The id of something new.</summary>
internal sealed record Created(string Id);

/// <summary>A queue as the control surface shows it.</summary>
internal sealed record QueueControlView(string Key, bool Paused);

/// <summary>A fault and how often it struck.</summary>
internal sealed record FaultView
{
    public required string Id { get; init; }

    public required string? Route { get; init; }

    public required string? Method { get; init; }

    public required int? Status { get; init; }

    public required int? DelayMs { get; init; }

    public required bool Reset { get; init; }

    public required bool After { get; init; }

    public required double? RetryAfter { get; init; }

    public required string? Body { get; init; }

    public required string? NotIssued { get; init; }

    public required string? ArmedBy { get; init; }

    /// <summary>How often it will still strike; null means without end.</summary>
    public required int? Remaining { get; init; }

    public required int Hits { get; init; }
}

/// <summary>A request that was seen.</summary>
internal sealed record RequestView
{
    public long Sequence { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    public required string Query { get; init; }

    /// <summary>All headers; of a credential only its kind and last four characters.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The body if it was JSON.</summary>
    public required string? Body { get; init; }

    /// <summary>Length announced by the client.</summary>
    public required long? BodyBytes { get; init; }

    /// <summary>The answer's status; 0 when the connection was cut, null before the answer.</summary>
    public int? Status { get; set; }
}
