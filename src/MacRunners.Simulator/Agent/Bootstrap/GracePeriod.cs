namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>A token that is cancelled some time after another one: what hooks that clean up still get after a cancel.</summary>
internal sealed class GracePeriod : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly CancellationTokenRegistration _registration;
    private ITimer? _timer;

    public GracePeriod(TimeSpan length, TimeProvider time, CancellationToken cancel) =>
        _registration = cancel.Register(() => _timer = time.CreateTimer(_ => _over.Cancel(), null, length, Timeout.InfiniteTimeSpan));

    public CancellationToken Token => _over.Token;

    public async ValueTask DisposeAsync()
    {
        await _registration.DisposeAsync();
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        _over.Dispose();
    }
}
