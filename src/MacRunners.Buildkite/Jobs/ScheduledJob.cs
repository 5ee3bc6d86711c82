namespace MacRunners.Buildkite;

/// <summary>A job that waits for an agent.</summary>
/// <param name="Id">The job.</param>
/// <param name="Priority">Larger runs first; 0 by default; may be negative.</param>
/// <param name="AgentQueryRules">Rules <c>key=value</c> that must all match, see <see cref="AgentRules"/>.</param>
/// <param name="ScheduledAt">Since when it waits; null when not told or not readable.</param>
/// <param name="PipelineSlug">Pipeline, if told.</param>
/// <param name="BuildNumber">Build, if told.</param>
/// <param name="Branch">Branch, if told.</param>
/// <param name="StepKey">Key of the step, if it has one.</param>
public sealed record ScheduledJob(
    Guid Id,
    int Priority,
    IReadOnlyList<string> AgentQueryRules,
    DateTimeOffset? ScheduledAt,
    string? PipelineSlug,
    long? BuildNumber,
    string? Branch,
    string? StepKey);
