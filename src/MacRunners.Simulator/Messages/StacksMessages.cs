namespace MacRunners.Simulator.Messages;

/// <summary>Answer to registering a stack.</summary>
internal sealed record StackView(
    string Id,
    string OrganizationUuid,
    string Key,
    string Type,
    string ClusterQueueKey,
    IReadOnlyDictionary<string, string> Metadata,
    DateTimeOffset? LastConnectedOn,
    string State);

/// <summary>A page of scheduled jobs.</summary>
internal sealed record ScheduledJobsPage(IReadOnlyList<ScheduledJob> Jobs, PageInfo PageInfo, QueueView ClusterQueue);

/// <summary>A job on offer.</summary>
internal sealed record ScheduledJob(
    string Id,
    int Priority,
    IReadOnlyList<string> AgentQueryRules,
    DateTimeOffset ScheduledAt,
    PipelineReference Pipeline,
    BuildReference Build,
    StepReference Step);

/// <summary>The pipeline of a job.</summary>
internal sealed record PipelineReference(string? Slug, string? Uuid);

/// <summary>The build of a job.</summary>
internal sealed record BuildReference(int? Number, string? Branch, string? Uuid);

/// <summary>The step of a job.</summary>
internal sealed record StepReference(string? Key);

/// <summary>Where a page ends.</summary>
internal sealed record PageInfo(bool HasNextPage, string? EndCursor);

/// <summary>The queue a page belongs to.</summary>
internal sealed record QueueView(string Id, bool DispatchPaused);

/// <summary>Answer to reserving.</summary>
internal sealed record ReserveResult(IReadOnlyList<string> Reserved, IReadOnlyList<string> NotReserved);

/// <summary>Answer to asking for acquisition tokens.</summary>
internal sealed record IssueResult(IReadOnlyList<IssuedToken> JobAcquisitionTokens, IReadOnlyList<string> NotIssued);

/// <summary>One acquisition token.</summary>
internal sealed record IssuedToken(string JobUuid, string JobAcquisitionToken, DateTimeOffset ExpiresAt);

/// <summary>A job's environment and command, for the stack.</summary>
internal sealed record JobDetail(string Id, IReadOnlyDictionary<string, string> Env, string Command);

/// <summary>States by job.</summary>
internal sealed record JobStatesResult(IReadOnlyDictionary<string, string> States);

/// <summary>Which notifications were not stored.</summary>
internal sealed record NotificationsResult(IReadOnlyList<NotificationError> Errors);

/// <summary>An error and the entries (from 0) it concerns.</summary>
internal sealed record NotificationError(string Error, IReadOnlyList<int> Indexes);

/// <summary>One notification as sent.</summary>
internal sealed record Notification(string? JobUuid, string? Detail, string? Timestamp);

/// <summary>Body of a 429.</summary>
internal sealed record RateLimited(string Message, string Scope, int Limit, int Current, int Reset);

/// <summary>Body of every other refusal.</summary>
internal sealed record ErrorMessage(string Message);

/// <summary>An object without fields.</summary>
internal sealed record Nothing;
