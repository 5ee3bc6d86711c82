namespace MacRunners.Buildkite;

/// <summary>Answer of <c>GET stacks/{key}/scheduled-jobs</c>.</summary>
internal sealed record ScheduledJobsBody(
    List<ScheduledJobsBody.JobEntry?> Jobs,
    ScheduledJobsBody.PageEntry? PageInfo = null,
    ScheduledJobsBody.QueueEntry? ClusterQueue = null)
{
    public ScheduledJobsPage ToPage()
    {
        var jobs = new List<ScheduledJob>(Jobs.Count);
        var rejected = new List<string>();
        foreach (var entry in Jobs)
        {
            if (entry is not null && WireText.TryJobId(entry.Id, out var id))
            {
                jobs.Add(entry.ToJob(id));
            }
            else
            {
                rejected.Add(entry?.Id ?? "");
            }
        }

        return new ScheduledJobsPage(
            jobs,
            rejected,
            PageInfo?.HasNextPage ?? false,
            string.IsNullOrEmpty(PageInfo?.EndCursor) ? null : PageInfo.EndCursor,
            ClusterQueue is { DispatchPaused: true } or { Paused: true });
    }

    internal sealed record PageEntry(bool? HasNextPage = null, string? EndCursor = null);

    // "paused" is what the service's own library reads; whichever is set, a paused queue must be left alone.
    internal sealed record QueueEntry(bool? DispatchPaused = null, bool? Paused = null);

    internal sealed record PipelineEntry(string? Slug = null);

    internal sealed record BuildEntry(long? Number = null, string? Branch = null);

    internal sealed record StepEntry(string? Key = null);

    internal sealed record JobEntry(
        string? Id = null,
        long? Priority = null,
        List<string?>? AgentQueryRules = null,
        string? ScheduledAt = null,
        PipelineEntry? Pipeline = null,
        BuildEntry? Build = null,
        StepEntry? Step = null)
    {
        public ScheduledJob ToJob(Guid id) => new(
            id,
            (int)Math.Clamp(Priority ?? 0, int.MinValue, int.MaxValue),
            // A null among the rules becomes an empty rule, which matches no machine.
            [.. (AgentQueryRules ?? []).Select(rule => rule ?? "")],
            WireText.Timestamp(ScheduledAt),
            Pipeline?.Slug,
            Build?.Number,
            Build?.Branch,
            Step?.Key);
    }
}
