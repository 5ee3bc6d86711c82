using System.Collections.Concurrent;
using MacRunners.Health;
using MacRunners.Telemetry;

namespace MacRunners.Jobs;

/// <summary>Which jobs hold a slot now, and which ended lately. Slots are counted from here, so none can leak.</summary>
internal sealed class JobBoard
{
    private const int Remembered = 20;

    private readonly ConcurrentDictionary<Guid, JobTimeline> _running = [];
    private readonly Lock _gate = new();
    private readonly Queue<EndedJob> _recent = [];

    /// <summary>Number of slots taken.</summary>
    public int Count => _running.Count;

    /// <summary>Ids of the jobs that hold a slot.</summary>
    public IReadOnlySet<Guid> Held => _running.Keys.ToHashSet();

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<RunningJob> Running => [.. _running.Values.Select(timeline => timeline.View).OrderBy(job => job.ReservedAt)];

    /// <summary>In which phase each of them is, and for how long this run of the daemon sees it there.</summary>
    public IReadOnlyList<(Guid Job, JobPhase Phase, TimeSpan Lasts)> Seen =>
        [.. _running.Select(job => (job.Key, job.Value.Seen)).Select(job => (job.Key, job.Seen.Phase, job.Seen.Lasts))];

    /// <summary>Newest first.</summary>
    public IReadOnlyList<EndedJob> Recent
    {
        get
        {
            lock (_gate)
            {
                return [.. _recent.Reverse()];
            }
        }
    }

    /// <summary>The job takes a slot.</summary>
    public void Enter(Guid job, JobTimeline timeline) => _running[job] = timeline;

    /// <summary>The job gives its slot back.</summary>
    public void Leave(EndedJob job)
    {
        _ = _running.TryRemove(job.Id, out _);
        lock (_gate)
        {
            _recent.Enqueue(job);
            if (_recent.Count > Remembered)
            {
                _ = _recent.Dequeue();
            }
        }
    }
}
