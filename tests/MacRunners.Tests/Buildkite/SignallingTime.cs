using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Buildkite;

/// <summary>A clock that stands still and tells when a wait of a certain length has begun.</summary>
internal sealed class SignallingTime(TimeSpan awaited, TaskCompletionSource begun) : FakeTimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime == awaited)
        {
            begun.TrySetResult();
        }

        return timer;
    }
}
