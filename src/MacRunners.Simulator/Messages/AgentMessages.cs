namespace MacRunners.Simulator.Messages;

/// <summary>What an agent says about itself.</summary>
internal sealed record AgentRegistration
{
    public required string Name { get; init; }

    public required string Hostname { get; init; }

    public required string Os { get; init; }

    public required string Arch { get; init; }

    public required string Version { get; init; }

    public required string Build { get; init; }

    public IReadOnlyList<string> MetaData { get; init; } = [];

    public IReadOnlyList<string> Features { get; init; } = [];

    public bool IgnoreInDispatches { get; init; }

    public int? Pid { get; init; }
}

/// <summary>Answer to a registration.</summary>
internal sealed record AgentRegistered(
    string Id,
    string Name,
    string AccessToken,
    string Endpoint,
    int PingInterval,
    int JobStatusInterval,
    int HeartbeatInterval,
    IReadOnlyList<string> MetaData);

/// <summary>Answer to a heartbeat.</summary>
internal sealed record HeartbeatAnswer(string SentAt, DateTimeOffset ReceivedAt);

/// <summary>Answer to a ping.</summary>
internal sealed record PingAnswer(string Action, string Message, string Endpoint);

/// <summary>The job as the agent gets it.</summary>
internal sealed record AcquiredJob(
    string Id,
    string State,
    string Endpoint,
    IReadOnlyDictionary<string, string> Env,
    JobStep Step,
    int ChunksMaxSizeBytes,
    int ChunksIntervalSeconds,
    long LogMaxSizeBytes,
    string Token,
    DateTimeOffset RunnableAt);

/// <summary>The command step; deliberately without a signature, which agents without a key would refuse.</summary>
internal sealed record JobStep(string Command);

/// <summary>A job's state.</summary>
internal sealed record JobStateAnswer(string State);

/// <summary>Who a registration token belongs to.</summary>
internal sealed record TokenView(
    string Uuid,
    string Description,
    string TokenType,
    string OrganizationSlug,
    string OrganizationUuid,
    string ClusterUuid,
    string ClusterName,
    string? OrganizationQueueUuid,
    string? OrganizationQueueKey);

/// <summary>Whether a key exists.</summary>
internal sealed record MetaDataExists(bool Exists);

/// <summary>A key and its value.</summary>
internal sealed record MetaDataEntry(string Key, string Value);

/// <summary>An annotation of a build.</summary>
internal sealed record Annotation(string Context, string Style, string Body, int Priority);

/// <summary>An artifact of a build.</summary>
internal sealed record Artifact(string Id, string JobId, string Path, long FileSize, string? Sha1sum, string State, string Url);

/// <summary>Answer to announcing artifacts.</summary>
internal sealed record ArtifactBatch(string Id, IReadOnlyList<string> ArtifactIds, UploadInstructions UploadInstructions);

/// <summary>How the announced files are to be uploaded.</summary>
internal sealed record UploadInstructions(UploadAction Action, IReadOnlyDictionary<string, string> Data);

/// <summary>The form the files go to.</summary>
internal sealed record UploadAction(string Url, string Method, string Path, string FileInput);

/// <summary>A file to come, as the agent announces it.</summary>
internal sealed record ArtifactAnnouncement(string Path, long FileSize, string? Sha1sum);
