using MacRunners.Health;

namespace MacRunners.Hosting;

/// <summary>
/// Gives memory back to the jobs: what the collector keeps for the next burst of work is returned to the system once
/// no job has run for a while. Never between two jobs, where its pause would count.
/// </summary>
/// <param name="dispatcher">Tells whether jobs run.</param>
/// <param name="time">Clock of the looks.</param>
internal sealed class IdleMemory(IDispatcherStatus dispatcher, TimeProvider time) : BackgroundService
{
    /// <summary>Time between two looks; two in a row without jobs are idleness.</summary>
    internal static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private bool _wasIdle;
    private long _left;

    /// <summary>Bytes that the collector holds, as of its last run.</summary>
    internal Func<long> Held { get; init; } = () => GC.GetGCMemoryInfo().TotalCommittedBytes;

    /// <summary>Collects everything and returns what is free.</summary>
    internal Action GiveBack { get; init; } = () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>One look.</summary>
    internal void Consider()
    {
        var isIdle = dispatcher.RunningJobs.Count == 0;

        // Twice what the last time could not do without: else it would be tried in vain at every look.
        if (isIdle && _wasIdle && Held() > 2 * _left)
        {
            GiveBack();
            _left = Held();
        }

        _wasIdle = isIdle;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Consider();
        }
    }
}
