using MacRunners.Buildkite;

namespace MacRunners.Jobs;

/// <summary>Which of the offered jobs are taken.</summary>
internal static class JobChooser
{
    /// <summary>Highest priority first, then the longest waiting; never more than there are free slots, never a job that is already here.</summary>
    public static IReadOnlyList<ScheduledJob> Choose(IEnumerable<ScheduledJob> offers, int freeSlots, IReadOnlySet<Guid> held) =>
        [.. offers
            .Where(job => !held.Contains(job.Id))
            .DistinctBy(job => job.Id)
            .OrderByDescending(job => job.Priority)
            .ThenBy(job => job.ScheduledAt ?? DateTimeOffset.MaxValue)
            .Take(freeSlots)];
}
