namespace MacRunners.Buildkite;

/// <summary>A page of waiting jobs.</summary>
/// <param name="Jobs">The jobs, oldest first.</param>
/// <param name="Rejected">
/// Ids, as sent, of entries left out because the id is no UUID: an account name is made of the id, so nothing else may pass. This is text
/// of the other side's choosing: escape it before it reaches a log or a page.
/// </param>
/// <param name="HasNextPage">More jobs follow. False does not mean that all were seen: paging is no snapshot.</param>
/// <param name="EndCursor">Where the next page begins; null when there is none.</param>
/// <param name="DispatchPaused">The queue is paused: its jobs are listed, but must not be reserved.</param>
public sealed record ScheduledJobsPage(
    IReadOnlyList<ScheduledJob> Jobs,
    IReadOnlyList<string> Rejected,
    bool HasNextPage,
    string? EndCursor,
    bool DispatchPaused);
