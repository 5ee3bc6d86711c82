using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Buildkite;

/// <summary>
/// A clock on which every wait passes at once and is written down. Timers of one known length, the time limit of an attempt, are no waits:
/// they only run out when a test moves the clock.
/// </summary>
internal sealed class EagerTime(TimeSpan attemptLimit) : FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero))
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    /// <summary>Waits in seconds, in order.</summary>
    public IReadOnlyList<double> Waits => [.. _waits.Select(w => w.TotalSeconds)];

    /// <summary>What somebody has set the wall clock forward by; time that passes is not affected.</summary>
    public TimeSpan SetForward { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + SetForward;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != attemptLimit && dueTime != Timeout.InfiniteTimeSpan)
        {
            _waits.Enqueue(dueTime);
            ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
        }

        return timer;
    }
}
