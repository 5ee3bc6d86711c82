using MacRunners.Health;
using MacRunners.Telemetry;

namespace MacRunners.Jobs;

/// <summary>
/// Brings the machine into the state in which the daemon can be replaced by its next run without anybody noticing: nothing begins, and
/// every job is with its agent, which lives on and is taken up again.
/// </summary>
internal sealed partial class Handover(Admission admission, IDispatcherStatus dispatcher, TimeProvider time, ILogger<Handover> logger)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits for that state.</summary>
    /// <param name="patience">How long.</param>
    /// <param name="cancellationToken">Nobody wants it any more.</param>
    /// <returns>How many jobs go on. From then on nothing begins any more: the daemon must end.</returns>
    /// <exception cref="RefusedException">It was not reached in time, or something else has the machine to itself.</exception>
    public async Task<int> PrepareAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var hold = admission.TryHold("the daemon is about to be restarted") ?? throw new RefusedException($"not now: {admission.Holder}");
        try
        {
            Preparing(logger);
            var started = time.GetTimestamp();
            while (true)
            {
                var jobs = dispatcher.RunningJobs;
                if (admission.IsQuiet && jobs.All(job => job.Phase == JobPhase.Run))
                {
                    Prepared(logger, jobs.Count);
                    return jobs.Count;
                }

                if (time.GetElapsedTime(started) >= patience)
                {
                    var waitsFor = jobs.FirstOrDefault(job => job.Phase != JobPhase.Run) is { } job
                        ? $"job {job.Id} is still in its phase {MetricLabel<JobPhase>.Of(job.Phase)}"
                        : "a self-test or a poll is still under way";
                    throw new RefusedException($"not restarted: after {patience.TotalSeconds:0} s {waitsFor}. Try again, or with more --timeout");
                }

                await Task.Delay(Look, time, cancellationToken);
            }
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    [LoggerMessage(1396, LogLevel.Information, "Preparing a restart: nothing new begins; jobs that are being set up or torn down are waited for")]
    private static partial void Preparing(ILogger logger);

    [LoggerMessage(1397, LogLevel.Information, "Ready for a restart; {Jobs} running jobs go on and are taken up again")]
    private static partial void Prepared(ILogger logger, int jobs);
}
