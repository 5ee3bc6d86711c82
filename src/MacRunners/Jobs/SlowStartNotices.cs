using MacRunners.Buildkite;
using MacRunners.Settings;
using MacRunners.Telemetry;

namespace MacRunners.Jobs;

/// <summary>
/// While a reserved job waits for its account or its agent: tells its owner, on the job's page, what it waits for, as soon as a phase
/// takes longer than <see cref="JobsOptions.NotifyAfter"/>, and again from time to time while it goes on.
/// </summary>
internal sealed partial class SlowStartNotices : IAsyncDisposable
{
    /// <summary>At least so long lies between two notices about one phase.</summary>
    public static readonly TimeSpan Repetition = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly IJobSource _source;
    private readonly JobLife _life;
    private readonly JobTimeline _timeline;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;

    /// <summary>Begins to watch a job that was just reserved; ends by itself when an agent has it or its teardown begins.</summary>
    public SlowStartNotices(IJobSource source, JobLife life, JobTimeline timeline, JobsOptions jobs, TimeProvider time, ILogger logger)
    {
        _source = source;
        _life = life;
        _timeline = timeline;
        _patience = jobs.NotifyAfter;
        _time = time;
        _logger = logger;
        _watching = WatchAsync();
    }

    /// <summary>No further notice is given.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private async Task WatchAsync()
    {
        JobPhase? told = null;
        long toldAt = 0;
        try
        {
            while (true)
            {
                await Task.Delay(Look, _time, _end.Token);
                var (phase, lasts) = _timeline.Present;
                if (phase is not (JobPhase.Account or JobPhase.AgentStart))
                {
                    return;
                }

                if (lasts >= _patience && (told != phase || _time.GetElapsedTime(toldAt) >= Repetition))
                {
                    (told, toldAt) = (phase, _time.GetTimestamp());
                    await TellAsync(phase, lasts);
                }
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The job has gone on.
        }
    }

    private async Task TellAsync(JobPhase phase, TimeSpan lasts)
    {
        var what = phase == JobPhase.Account ? "its account"
            : _life.Stage == JobStage.AccountCreated ? "its token and the start of its agent"
            : "its agent to take it";
        var text = $"Waiting for {what} on {Environment.MachineName} ({lasts.TotalSeconds:0} s so far)";
        try
        {
            await _source.NotifyAsync(_life.Job, text, _end.Token);
            Told(_logger, text);
        }
        catch (Exception e) when (e is BuildkiteApiException or IOException)
        {
            NotTold(_logger, text, e.Message);
        }
    }

    [LoggerMessage(1315, LogLevel.Warning, "The job's owner was told: {Text}")]
    private static partial void Told(ILogger logger, string text);

    [LoggerMessage(1316, LogLevel.Warning, "The job's owner could not be told '{Text}': {Why}")]
    private static partial void NotTold(ILogger logger, string text, string why);
}
