using MacRunners.Health;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>
/// Decides when the canary runs, and keeps jobs away from a machine that cannot run them: no job is taken before the first
/// canary has passed, after one that failed, and after <see cref="MostFailures"/> jobs in a row that could not be started by this
/// machine's own fault. The way back is always a canary that passes. A machine that does well is tested now and then while it is idle.
/// </summary>
internal sealed partial class SelfTest(
    ICanary canary, Admission admission, JobBoard board, DaemonMetrics metrics, IOptions<JobsOptions> jobs, TimeProvider time, ILogger<SelfTest> logger) : ISelfTestState
{
    /// <summary>Failures in a row after which no job is taken.</summary>
    public const int MostFailures = 3;

    /// <summary>Pause before the first repetition; each further one is twice as long.</summary>
    public static readonly TimeSpan ShortestPause = TimeSpan.FromMinutes(1);

    /// <summary>The pauses do not grow beyond this.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(30);

    /// <summary>How often is looked whether a test is due.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private SetBack? _setBack = new("the self-test after the start has not passed yet", "", TimeSpan.Zero);
    private long _setBackAt;
    private long _passedAt;
    private int _failedRuns;
    private int _failures;
    private int _suspicions;
    private TaskCompletionSource _turned = NewSignal();

    /// <inheritdoc/>
    public string? Problem => _setBack?.Problem;

    /// <inheritdoc/>
    public bool IsPending => _setBack is { Pause.Ticks: 0 };

    /// <inheritdoc/>
    public DateTimeOffset? PassedAt { get; private set; }

    /// <inheritdoc/>
    public int FailuresInARow => _failures;

    /// <summary>Why no job may be taken, for the log: it may name jobs; null when one may.</summary>
    public string? WhyNot => _setBack is { } setBack ? setBack.Problem + setBack.Cause : null;

    /// <summary>Completes when <see cref="WhyNot"/> changes between null and not after this was read.</summary>
    public Task Turned
    {
        get
        {
            lock (_gate)
            {
                return _turned.Task;
            }
        }
    }

    /// <summary>Tests whenever a test is due.</summary>
    /// <exception cref="OperationCanceledException">The daemon stops.</exception>
    /// <exception cref="IOException">The journal cannot be written: the daemon must not go on.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (IsDue())
            {
                await TestAsync(cancellationToken);
            }

            await Task.Delay(Look, time, cancellationToken);
        }
    }

    /// <summary>The pause before the next repetition is over, if there is one.</summary>
    public void TestSoon()
    {
        lock (_gate)
        {
            _setBack = _setBack is { } setBack ? setBack with { Pause = TimeSpan.Zero } : null;
        }
    }

    /// <summary>Learns how a job ended.</summary>
    public void JobEnded(JobVerdict verdict)
    {
        lock (_gate)
        {
            if (verdict.IsMachinesFault)
            {
                _failures++;
                if (_failures >= MostFailures && _setBack is null)
                {
                    var problem = $"{_failures} jobs in a row could not be started by this machine's own fault";
                    Turn(new SetBack(problem, $", the last one because: {verdict.Why}", Pause(_suspicions++)));
                    Suspected(logger, _failures, _setBack!.Pause.TotalMinutes, verdict.Why);
                }
            }
            else if (verdict.Outcome is JobOutcome.Finished or JobOutcome.TimedOut or JobOutcome.Lost)
            {
                // A job ran.
                _failures = 0;
                _suspicions = 0;
            }
        }
    }

    private static TimeSpan Pause(int earlier)
    {
        var pause = ShortestPause * Math.Pow(2, Math.Min(earlier, 10));
        return pause < LongestPause ? pause : LongestPause;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool IsDue()
    {
        lock (_gate)
        {
            return _setBack is { } setBack
                ? time.GetElapsedTime(_setBackAt) >= setBack.Pause
                : jobs.Value.CanaryInterval > TimeSpan.Zero && board.Count == 0 && time.GetElapsedTime(_passedAt) >= jobs.Value.CanaryInterval;
        }
    }

    private async Task TestAsync(CancellationToken cancellationToken)
    {
        using var entered = admission.TryEnterTest();
        if (entered is null)
        {
            return;
        }

        var before = _setBack;
        if (await canary.RunAsync(cancellationToken) is not { } end)
        {
            return;
        }

        metrics.SelfTestEnded(end.Result);
        lock (_gate)
        {
            if (end.Result == SelfTestResult.Passed)
            {
                _failedRuns = 0;
                _passedAt = time.GetTimestamp();
                PassedAt = time.GetUtcNow();
                Passed(logger);

                // Jobs that failed while the canary ran speak against the machine as before.
                Turn(ReferenceEquals(_setBack, before) ? null : _setBack);
            }
            else
            {
                Turn(new SetBack($"the self-test failed: {end.Why}", "", Pause(_failedRuns++)));
                Failed(logger, _setBack!.Pause.TotalMinutes, end.Why);
            }
        }
    }

    private void Turn(SetBack? to)
    {
        var turns = _setBack is null != to is null;
        if (to is not null && !ReferenceEquals(to, _setBack))
        {
            _setBackAt = time.GetTimestamp();
        }

        _setBack = to;
        if (turns)
        {
            _turned.SetResult();
            _turned = NewSignal();
        }
    }

    /// <summary>Why no job is taken.</summary>
    /// <param name="Problem">For everybody.</param>
    /// <param name="Cause">Added for the log only, since it may name a job.</param>
    /// <param name="Pause">Before the next test.</param>
    private sealed record SetBack(string Problem, string Cause, TimeSpan Pause);

    [LoggerMessage(1381, LogLevel.Information, "Self-test passed: an account was made, a program ran in it, and nothing is left of them")]
    private static partial void Passed(ILogger logger);

    [LoggerMessage(1382, LogLevel.Error, "Self-test failed; the next one is in {Minutes} min: {Why}")]
    private static partial void Failed(ILogger logger, double minutes, string? why);

    [LoggerMessage(1383, LogLevel.Error, "{Count} jobs in a row could not be started by this machine's own fault: no further one is taken until a self-test passes, which is made in {Minutes} min. The last one: {Why}")]
    private static partial void Suspected(ILogger logger, int count, double minutes, string? why);
}
