using MacRunners.Buildkite;
using MacRunners.Telemetry;

namespace MacRunners.Jobs;

/// <summary>The sessions that are under way. One that fails with an exception ends the daemon at once, without harm to the others: the next start recovers.</summary>
internal sealed partial class JobSessions(
    JobSession session, JobBoard board, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<JobSessions> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];
    private readonly CancellationTokenSource _mustStop = new();
    private TaskCompletionSource _slotFreed = NewSignal();

    /// <summary>Completes when a session ends after this was read.</summary>
    public Task SlotFreed
    {
        get
        {
            lock (_gate)
            {
                return _slotFreed.Task;
            }
        }
    }

    /// <summary>Starts the session of a job that was just reserved.</summary>
    public void Start(ScheduledJob job, TimeSpan reserveTook)
    {
        var timeline = new JobTimeline(job.Id, time);
        if (job.ScheduledAt is { } scheduled && time.GetUtcNow() - reserveTook - scheduled is { Ticks: > 0 } waited)
        {
            timeline.Took(JobPhase.QueueWait, waited);
        }

        timeline.Took(JobPhase.Reserve, reserveTook);
        Run(job.Id, timeline, mustStop => session.RunAsync(job.Id, isSecondAttempt: false, timeline, mustStop));
    }

    /// <summary>Starts the session of a job that was reserved again after the daemon was interrupted.</summary>
    public void StartAgain(Guid job)
    {
        var timeline = new JobTimeline(job, time);
        Run(job, timeline, mustStop => session.RunAsync(job, isSecondAttempt: true, timeline, mustStop));
    }

    /// <summary>Takes up the session of a job whose agent outlived the daemon.</summary>
    public void Resume(JobLife life)
    {
        var timeline = new JobTimeline(life, time);
        Run(life.Job, timeline, mustStop => session.ResumeAsync(life, timeline, mustStop));
    }

    /// <summary>Cancels all jobs; their teardown goes on.</summary>
    public void CancelAll() => _mustStop.Cancel();

    /// <summary>Completes when no session is left.</summary>
    public async Task WhenAllEndedAsync()
    {
        while (true)
        {
            Task[] running;
            lock (_gate)
            {
                running = [.. _running];
            }

            if (running.Length == 0)
            {
                return;
            }

            await Task.WhenAll(running);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _mustStop.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Run(Guid job, JobTimeline timeline, Func<CancellationToken, Task> live)
    {
        board.Enter(job, timeline);
        lock (_gate)
        {
            var running = RunAsync(job, live);
            _ = _running.Add(running);
            _ = running.ContinueWith(Forget, TaskScheduler.Default);
        }
    }

    private async Task RunAsync(Guid job, Func<CancellationToken, Task> live)
    {
        await Task.Yield();
        try
        {
            await live(_mustStop.Token);
        }
        catch (Exception e)
        {
            // The job keeps its slot: what became of it is unknown until the next start.
            SessionFailed(logger, job, e);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    private void Forget(Task session)
    {
        TaskCompletionSource freed;
        lock (_gate)
        {
            _ = _running.Remove(session);
            freed = _slotFreed;
            _slotFreed = NewSignal();
        }

        freed.SetResult();
    }

    [LoggerMessage(1361, LogLevel.Critical, "The session of job {Job} failed; the daemon ends so that it is started afresh and recovers")]
    private static partial void SessionFailed(ILogger logger, Guid job, Exception error);
}
