using System.Runtime.InteropServices;
using MacRunners.Commands;
using MacRunners.Jobs;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Hosting;

/// <summary>
/// What signals mean. First SIGTERM or SIGINT: take no further job and let the running ones end, for at most
/// <see cref="LifecycleOptions.StopTimeout"/>; then, or at the second signal, cancel them. The host stops when the last
/// teardown is done, so <c>/health</c> answers until the end. A host that stops without a signal has a part that cannot go on: that is no
/// reason to cancel anything, so the process ends at once, and the next run goes on with the jobs.
/// </summary>
internal sealed partial class DrainingLifetime(
    Dispatcher dispatcher,
    IHostApplicationLifetime application,
    IProcessEnd process,
    IOptions<LifecycleOptions> options,
    TimeProvider time,
    ILogger<DrainingLifetime> logger) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly CancellationTokenSource _second = new();
    private int _signals;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Received();
            }));
        }

        _ = application.ApplicationStopping.Register(EndUnlessSignalled);

        // A closed terminal is no reason to stop a daemon.
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _second.Dispose();
    }

    private void Received()
    {
        switch (Interlocked.Increment(ref _signals))
        {
            case 1:
                _ = StopWhenDrainedAsync();
                break;
            case 2:
                _second.Cancel();
                break;
        }
    }

    private void EndUnlessSignalled()
    {
        // A stop that was asked for is carried through: nobody would start the daemon again.
        if (Volatile.Read(ref _signals) == 0)
        {
            process.End(ExitCodes.Failure);
        }
    }

    private async Task StopWhenDrainedAsync()
    {
        Draining(logger, options.Value.StopTimeout);
        dispatcher.Drain();
        try
        {
            await dispatcher.Finished.WaitAsync(options.Value.StopTimeout, time, _second.Token);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            dispatcher.CancelJobs();
            Cancelling(logger, e is TimeoutException ? "Lifecycle:StopTimeout is over" : "a second signal came");
            await dispatcher.Finished;
        }

        application.StopApplication();
    }

    [LoggerMessage(1501, LogLevel.Information, "Stopping: no further job is taken; running jobs get {StopTimeout}")]
    private static partial void Draining(ILogger logger, TimeSpan stopTimeout);

    [LoggerMessage(1502, LogLevel.Warning, "Cancelling the running jobs: {Why}")]
    private static partial void Cancelling(ILogger logger, string why);
}
