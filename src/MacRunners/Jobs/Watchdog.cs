using System.Diagnostics;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>
/// Everything in the daemon has a limit. If something exceeds its own by <see cref="LifecycleOptions.WatchdogTimeout"/> all the same
/// (a call that never returns, a deadlock, no thread left), the daemon kills itself: the service manager starts it again, and the
/// next run goes on with the jobs. On a thread of its own, since the pool may be what is stuck.
/// </summary>
internal sealed partial class Watchdog(
    Pulse pulse,
    JobBoard board,
    IOptions<LifecycleOptions> lifecycle,
    IOptions<JobsOptions> jobs,
    TimeProvider time,
    ILogger<Watchdog> logger) : IHostedService, IDisposable
{
    // The account is made by a handful of calls.
    private const int AccountSteps = 10;

    // After a machine was frozen everything seems late until it has had its turn.
    private const int LooksForCertainty = 10;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TimeToTell = TimeSpan.FromSeconds(5);

    private readonly ManualResetEventSlim _stop = new();
    private Thread? _thread;
    private long _poolAsked;
    private volatile bool _poolAnswered = true;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (lifecycle.Value.WatchdogTimeout > TimeSpan.Zero)
        {
            _thread = new Thread(Watch) { IsBackground = true, Name = "watchdog" };
            _thread.Start();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        // Stays on guard while the jobs are being ended; the process's end is its own.
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Set();
        if (_thread is { } thread)
        {
            thread.Join();
        }

        _stop.Dispose();
    }

    /// <summary>What is stuck; null when nothing is.</summary>
    public string? Stuck()
    {
        var patience = lifecycle.Value.WatchdogTimeout;
        if (pulse.Overdue > patience)
        {
            return $"the dispatcher's next step is overdue by {pulse.Overdue.TotalSeconds:0} s";
        }

        foreach (var (job, phase, lasts) in board.Seen)
        {
            if (lasts > Longest(phase) + patience)
            {
                return $"job {job} is in its phase {MetricLabel<JobPhase>.Of(phase)} for {lasts.TotalSeconds:0} s, of at most {Longest(phase).TotalSeconds:0} s";
            }
        }

        return !_poolAnswered && time.GetElapsedTime(_poolAsked) > patience ? $"no thread was free for {patience.TotalSeconds:0} s" : null;
    }

    private TimeSpan Longest(JobPhase phase)
    {
        var limits = jobs.Value;
        return phase switch
        {
            JobPhase.QueueWait or JobPhase.Reserve or JobPhase.Account => AccountSteps * limits.DirectoryTimeout,

            // Whether an agent has its job is not known while Buildkite does not answer: then the whole limit counts from its start.
            JobPhase.AgentStart or JobPhase.Run => limits.StartDeadline + limits.Timeout + limits.CancelGrace + limits.UploadGrace + limits.OutputGrace,
            _ => limits.TeardownBudget + (JobTeardown.LateSteps * limits.DirectoryTimeout),
        };
    }

    private void Watch()
    {
        var looks = 0;
        while (!_stop.Wait(Look))
        {
            AskPool();
            if (Stuck() is not { } what)
            {
                looks = 0;
            }
            else if (++looks >= LooksForCertainty)
            {
                Tell(what);
                using var self = Process.GetCurrentProcess();
                self.Kill();
            }
        }
    }

    private void AskPool()
    {
        if (_poolAnswered)
        {
            _poolAnswered = false;
            _poolAsked = time.GetTimestamp();
            _ = ThreadPool.UnsafeQueueUserWorkItem(_ => _poolAnswered = true, null);
        }
    }

    // The log may be what is stuck.
    private void Tell(string what)
    {
        var teller = new Thread(() => KillingMyself(logger, what)) { IsBackground = true };
        teller.Start();
        _ = teller.Join(TimeToTell);
    }

    [LoggerMessage(1399, LogLevel.Critical, "Stuck: {What}. The daemon kills itself, to be started again; running jobs go on")]
    private static partial void KillingMyself(ILogger logger, string what);
}
