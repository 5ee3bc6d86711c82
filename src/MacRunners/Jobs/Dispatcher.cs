using MacRunners.Agent;
using MacRunners.Buildkite;
using MacRunners.Health;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>
/// The main loop: recover → resume jobs whose agents live → test this machine, and connect → settle interrupted jobs → (ready? → find → choose → reserve → start a session per job)* → wait for the
/// sessions → disconnect. It ends by <see cref="Drain"/>, which the first SIGTERM calls, or when it cannot go on.
/// </summary>
internal sealed partial class Dispatcher(
    IJobSource source,
    JobSessions sessions,
    JobBoard board,
    Admission admission,
    Readiness readiness,
    SelfTest selfTest,
    OrphanRecovery recovery,
    InterruptedJobs interrupted,
    AgentLauncher launcher,
    Pulse pulse,
    BootTime boot,
    DaemonMetrics metrics,
    IHostApplicationLifetime lifetime,
    IOptions<JobsOptions> jobs,
    IOptions<BuildkiteOptions> buildkite,
    TimeProvider time,
    ILogger<Dispatcher> logger) : BackgroundService, IDispatcherStatus
{
    private const double Jitter = 0.2;
    private const int PausesAfterFailure = 4;
    private const int CallsPerStep = 20;
    private static readonly TimeSpan FirstReconnect = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestReconnect = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _drain = new();
    private volatile bool _recovered;
    private volatile bool _settled;
    private volatile bool _paused;
    private IDisposable? _starting;
    private volatile bool _connected;
    private volatile string? _notReady = "starting";
    private volatile string? _lastError;
    private volatile LastPoll? _lastPoll;
    private volatile int _failedPolls;

    // Repeated calls with the pauses between them, several pages.
    private TimeSpan CallBudget => CallsPerStep * buildkite.Value.RequestTimeout;

    /// <inheritdoc/>
    public DispatcherState State =>
        !_recovered ? DispatcherState.Starting
        : _drain.IsCancellationRequested || admission.Drained is not null ? (board.Count > 0 || !admission.IsQuiet ? DispatcherState.Draining : DispatcherState.Drained)
        : readiness.IsDirty ? DispatcherState.Quarantined
        : _paused ? DispatcherState.Paused
        : DispatcherState.Running;

    /// <inheritdoc/>
    public DateTimeOffset? LastSuccessfulPoll => _lastPoll?.At;

    /// <inheritdoc/>
    public TimeSpan? SinceLastSuccessfulPoll => _lastPoll is { } poll ? time.GetElapsedTime(poll.Clock) : null;

    /// <inheritdoc/>
    public string? LastError => _lastError;

    /// <inheritdoc/>
    public int FailedPolls => _failedPolls;

    /// <inheritdoc/>
    public bool ReadyForJobs =>
        State == DispatcherState.Running && _connected && _lastError is null && _notReady is null && board.Count < jobs.Value.Slots;

    /// <inheritdoc/>
    public bool HasSettled => _settled;

    /// <inheritdoc/>
    public IReadOnlyList<RunningJob> RunningJobs => board.Running;

    /// <inheritdoc/>
    public IReadOnlyList<EndedJob> RecentJobs => board.Recent;

    /// <summary>Completes when no session is left and the loop has ended.</summary>
    public Task Finished => ExecuteTask ?? Task.CompletedTask;

    /// <summary>From a good poll to the next one when a single one between them fails: both pauses, and the call that failed.</summary>
    public static TimeSpan LongestSilence(BuildkiteOptions buildkite) =>
        (buildkite.BusyPollInterval * (1 + PausesAfterFailure) * (1 + Jitter)) + buildkite.RequestTimeout;

    /// <summary>Take no further job; running ones go on.</summary>
    public void Drain() => _drain.Cancel();

    /// <summary>Cancel the running jobs too.</summary>
    public void CancelJobs() => sessions.CancelAll();

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Before anybody can ask for a sweep or a restart.
        _starting = admission.TryHold("the daemon is still starting") ?? throw new InvalidOperationException("Something holds the machine before the daemon has started");
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        // In this order: the base class cancels what drains.
        base.Dispose();
        _drain.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A host that stops for another reason than a signal drains all the same.
        using var stopping = stoppingToken.Register(Drain);
        var testing = Task.CompletedTask;
        try
        {
            pulse.Expect(null);
            var recovered = await RecoverAsync(stoppingToken);
            _settled = recovered.Interrupted.Count == 0;
            _recovered = true;
            testing = Task.Run(() => TestAsync(_drain.Token), CancellationToken.None);
            await ConnectAsync(_drain.Token);
            pulse.Expect(null);
            await interrupted.SettleAsync(recovered.Interrupted, _drain.Token);
            _settled = true;
            await PollAsync(_drain.Token);
        }
        catch (OperationCanceledException) when (_drain.IsCancellationRequested)
        {
            // Drained.
        }
        catch (Exception e)
        {
            GiveUp(e);
        }

        // From here on only the sessions matter, each with limits of its own.
        pulse.Expect(null);
        await sessions.WhenAllEndedAsync();
        await testing;
        await SayGoodbyeAsync();
    }

    private async Task<Recovered> RecoverAsync(CancellationToken cancellationToken)
    {
        using var starting = _starting;
        var recovered = await recovery.RunAsync(cancellationToken);
        launcher.Prepare(recovered.Living.Select(life => life.Job).ToHashSet());
        foreach (var life in recovered.Living)
        {
            sessions.Resume(life);
        }

        return recovered;
    }

    private async Task TestAsync(CancellationToken cancellationToken)
    {
        try
        {
            await selfTest.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Drained.
        }
        catch (Exception e)
        {
            GiveUp(e);
        }
    }

    private void GiveUp(Exception e)
    {
        CannotGoOn(logger, e);
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        for (var pause = FirstReconnect; ; pause = pause * 2 < LongestReconnect ? pause * 2 : LongestReconnect)
        {
            try
            {
                await source.ConnectAsync(cancellationToken);
                _connected = true;
                _lastError = null;
                return;
            }
            catch (Exception e) when (e is BuildkiteApiException or IOException)
            {
                _lastError = e.Message;
                var wait = e is BuildkiteApiException { RetryAfter: { } demanded } && demanded > pause ? demanded : pause;
                pulse.Expect(wait + CallBudget);
                NotConnected(logger, e.Message, wait.TotalSeconds);
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            pulse.Expect(CallBudget);
            Task[] news = [sessions.SlotFreed, selfTest.Turned, admission.Changed];
            await CheckReadinessAsync(cancellationToken);
            var free = _notReady is null ? Math.Max(0, jobs.Value.Slots - board.Count) : 0;
            var pause = free > 0 ? buildkite.Value.PollInterval : buildkite.Value.BusyPollInterval;
            try
            {
                var taken = await PollOnceAsync(free, cancellationToken);
                if (taken > 0 && taken < free)
                {
                    continue;
                }

                if (taken > 0)
                {
                    pause = buildkite.Value.BusyPollInterval;
                }
            }
            catch (BuildkiteApiException e) when (e.Kind == ApiErrorKind.NotFound)
            {
                // Somebody deregistered this stack.
                PollFailed(logger, e.Message);
                metrics.PollEnded(PollResult.Failed);
                _failedPolls++;
                _lastError = e.Message;
                await ConnectAsync(cancellationToken);
            }
            catch (Exception e) when (e is BuildkiteApiException or IOException)
            {
                metrics.PollEnded(e is BuildkiteApiException { Kind: ApiErrorKind.RateLimited } ? PollResult.Throttled : PollResult.Failed);
                _failedPolls++;
                _lastError = e.Message;
                PollFailed(logger, e.Message);

                // Nothing cuts this pause short: that a slot becomes free does not make the next attempt succeed.
                pause = Later(e, pause);
                news = [];
            }

            await WaitAsync(pause, news, cancellationToken);
        }
    }

    private async Task<int> PollOnceAsync(int free, CancellationToken cancellationToken)
    {
        // Entered before it is asked for: until this is left, nobody may take the machine for empty.
        using var entered = free > 0 ? admission.TryEnterJob() : null;
        free = entered is null ? 0 : free;
        var offers = await source.FindAsync(free, cancellationToken);
        _lastPoll = new LastPoll(time.GetUtcNow(), time.GetTimestamp());
        _failedPolls = 0;
        _lastError = null;
        if (offers.IsPaused != _paused)
        {
            _paused = offers.IsPaused;
            Pausing(logger, _paused ? "paused: its jobs wait" : "running again");
        }

        metrics.PollEnded(offers.IsPaused ? PollResult.Paused : PollResult.Answered);

        // Asked again: since then somebody may have ordered that no job be taken.
        var chosen = offers.IsPaused || admission.WhyNot is not null ? [] : JobChooser.Choose(offers.Jobs, free, board.Held);
        if (chosen.Count == 0)
        {
            return 0;
        }

        var asked = time.GetTimestamp();

        // Not interrupted by a drain: a job reserved by an answer that nobody read would wait for its reservation to expire.
        var reserved = await source.ReserveAsync([.. chosen.Select(job => job.Id)], CancellationToken.None);
        var took = time.GetElapsedTime(asked);
        var mine = chosen.Where(job => reserved.Contains(job.Id)).ToList();
        foreach (var job in mine)
        {
            sessions.Start(job, took);
        }

        return mine.Count;
    }

    private async Task CheckReadinessAsync(CancellationToken cancellationToken)
    {
        var why = await readiness.WhyNotAsync(cancellationToken);

        // That a test is under way is nothing to report, and an operator's order was reported when it was given.
        var isQuiet = why is null && (admission.WhyNot is not null || selfTest.IsPending);
        why ??= admission.WhyNot ?? selfTest.WhyNot;
        if (why != _notReady)
        {
            _notReady = why;
            if (why is null)
            {
                Ready(logger, jobs.Value.Slots);
                boot.Ends();
            }
            else if (!isQuiet)
            {
                NotReady(logger, why);
            }
        }
    }

    private async Task WaitAsync(TimeSpan pause, Task[] news, CancellationToken cancellationToken)
    {
        var jittered = pause * (1 + (Jitter * ((2 * Random.Shared.NextDouble()) - 1)));
        pulse.Expect(jittered + CallBudget);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ = await Task.WhenAny([Task.Delay(jittered, time, enough.Token), .. news]);
        await enough.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task SayGoodbyeAsync()
    {
        if (!_connected)
        {
            return;
        }

        using var limit = new CancellationTokenSource(GoodbyeLimit, time);
        try
        {
            await source.DisconnectAsync(limit.Token);
        }
        catch (Exception e) when (e is BuildkiteApiException or IOException or OperationCanceledException)
        {
            // The stack's place in the quota is lost until this daemon or an operator gives it back.
            NotDeregistered(logger, e.Message);
        }
    }

    private static TimeSpan Later(Exception e, TimeSpan pause) => e switch
    {
        BuildkiteApiException { RetryAfter: { } wait } => wait > pause ? wait : pause,
        BuildkiteApiException { Kind: ApiErrorKind.Unauthorized or ApiErrorKind.Forbidden } => TimeSpan.FromMinutes(1),
        _ => pause * PausesAfterFailure,
    };

    // A class, so that other threads see both readings or neither.
    private sealed record LastPoll(DateTimeOffset At, long Clock);

    [LoggerMessage(1351, LogLevel.Critical, "The dispatcher cannot go on; the daemon ends so that it is started afresh and recovers")]
    private static partial void CannotGoOn(ILogger logger, Exception error);

    [LoggerMessage(1352, LogLevel.Error, "Not connected to Buildkite: {Why} Next attempt in {Pause} s")]
    private static partial void NotConnected(ILogger logger, string why, double pause);

    [LoggerMessage(1353, LogLevel.Warning, "The poll failed: {Why}")]
    private static partial void PollFailed(ILogger logger, string why);

    [LoggerMessage(1354, LogLevel.Information, "The queue is {Paused}")]
    private static partial void Pausing(ILogger logger, string paused);

    [LoggerMessage(1355, LogLevel.Information, "Ready for jobs ({Slots} slots)")]
    private static partial void Ready(ILogger logger, int slots);

    [LoggerMessage(1356, LogLevel.Error, "No job is taken: {Why}")]
    private static partial void NotReady(ILogger logger, string why);

    [LoggerMessage(1357, LogLevel.Warning, "Deregistering at Buildkite failed: {Why}")]
    private static partial void NotDeregistered(ILogger logger, string why);
}
