using MacRunners.Buildkite;
using MacRunners.Settings;

namespace MacRunners.Jobs;

/// <summary>
/// While a job's account is being made: extends its reservation at half-time, and notices when the job is cancelled or
/// taken away, so that nobody prepares a place for a job that will not come.
/// </summary>
internal sealed partial class ReservationKeeper : IAsyncDisposable
{
    private readonly IJobSource _source;
    private readonly Guid _job;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _halfTime;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _provisioning;
    private readonly Task _keeping;

    /// <summary>Begins to keep a job that was just reserved.</summary>
    public ReservationKeeper(
        IJobSource source, Guid job, JobsOptions jobs, BuildkiteOptions buildkite, TimeProvider time, ILogger logger, CancellationToken stop)
    {
        _source = source;
        _job = job;
        _interval = jobs.StateCheckInterval;
        _halfTime = buildkite.Reservation / 2;
        _time = time;
        _logger = logger;
        _provisioning = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _keeping = KeepAsync();
    }

    /// <summary>Cancelled when provisioning is pointless: the job is lost, see <see cref="LostTo"/>, or the daemon stops.</summary>
    public CancellationToken Provisioning => _provisioning.Token;

    /// <summary>The state that took the job away; null while it is ours.</summary>
    public JobState? LostTo { get; private set; }

    /// <summary>Provisioning is over.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _keeping;
        _end.Dispose();
        _provisioning.Dispose();
    }

    private async Task KeepAsync()
    {
        var reserved = _time.GetTimestamp();
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(_interval, _time, _end.Token);
                if (await _source.GetStateAsync(_job, _end.Token) is { } state && (state.IsWithAgent || state.IsFinal))
                {
                    await LoseAsync(state);
                    return;
                }

                if (_time.GetElapsedTime(reserved) > _halfTime)
                {
                    if (!(await _source.ReserveAsync([_job], _end.Token)).Contains(_job))
                    {
                        await LoseAsync(JobState.Reserved);
                        return;
                    }

                    reserved = _time.GetTimestamp();
                }
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is BuildkiteApiException or IOException)
            {
                // The next look is soon; if Buildkite stays away the agent could not acquire the job either.
                LookFailed(_logger, e.Message);
            }
        }
    }

    private async Task LoseAsync(JobState to)
    {
        LostTo = to;
        await _provisioning.CancelAsync();
    }

    [LoggerMessage(1311, LogLevel.Warning, "The reservation could not be looked after: {Why}")]
    private static partial void LookFailed(ILogger logger, string why);
}
