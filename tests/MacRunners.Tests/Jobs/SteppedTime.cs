using Microsoft.Extensions.Time.Testing;

namespace MacRunners.Tests.Jobs;

/// <summary>A clock that moves from one wait of the code under test to the next.</summary>
internal sealed class SteppedTime : FakeTimeProvider, IDisposable
{
    private readonly SemaphoreSlim _waits = new(0);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Release();
        return timer;
    }

    /// <summary>Returns when the next wait has begun.</summary>
    internal Task UntilWaitingAsync() => _waits.WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits that have begun until now are not counted.</summary>
    internal void Forget()
    {
        while (_waits.Wait(0))
        {
        }
    }

    public void Dispose() => _waits.Dispose();
}
