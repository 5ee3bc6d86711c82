using MacRunners.Agent;
using MacRunners.Buildkite;
using MacRunners.Hosting;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>
/// Jobs of an earlier run of the daemon whose agents are gone, once Buildkite can be asked. One that no agent ever had is still
/// reserved for this machine and is taken again, once: its owner notices nothing. Of the others the end is learned, in the light of
/// what the journal knows of it, and reported.
/// </summary>
internal sealed partial class InterruptedJobs(
    IJobSource source,
    JobTruth truth,
    JobClosing closing,
    JobSessions sessions,
    JobBoard board,
    Admission admission,
    Readiness readiness,
    IJobLogs logs,
    IOptions<JobsOptions> jobs,
    ILogger<InterruptedJobs> logger)
{
    /// <summary>Settles all of them.</summary>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public async Task SettleAsync(IReadOnlyList<InterruptedJob> interrupted, CancellationToken cancellationToken)
    {
        foreach (var job in interrupted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await SettleAsync(job, cancellationToken);
        }
    }

    private async Task SettleAsync(InterruptedJob interrupted, CancellationToken cancellationToken)
    {
        var job = interrupted.Life.Job;
        using var log = logs.Open(job);
        using var scope = logger.BeginScope(IJobLogs.Scope(job));
        var life = interrupted.Life;
        var verdict = await truth.LearnAsync(job, life.End ?? new AgentEnd(null, life.Agent?.EndCause ?? AgentEndCause.Interrupted));
        if (verdict.Outcome == JobOutcome.NotStarted && life is { End: null, IsSecondAttempt: false })
        {
            using var entered = admission.TryEnterJob();
            var why = entered is null ? admission.WhyNot : board.Count >= jobs.Value.Slots ? "no slot is free" : await readiness.WhyNotAsync(cancellationToken);
            if (entered is not null && why is null && await ReserveAsync(job))
            {
                // The first attempt leaves no report: it is the second that ends the job.
                Again(logger, job);
                closing.Supersede(life);
                sessions.StartAgain(job);
                return;
            }

            verdict = new JobVerdict(
                JobOutcome.TakenElsewhere,
                $"macrunners was interrupted on this machine before an agent had the job, and it cannot be taken again here ({why ?? "its reservation is over"}); it returns to the queue when its reservation expires");
        }

        await truth.TellAsync(job, verdict);
        closing.Close(life, verdict, interrupted.Teardown, []);
    }

    private async Task<bool> ReserveAsync(Guid job)
    {
        try
        {
            return (await source.ReserveAsync([job], CancellationToken.None)).Contains(job);
        }
        catch (Exception e) when (e is BuildkiteApiException or IOException)
        {
            NotReserved(logger, job, e.Message);
            return false;
        }
    }

    [LoggerMessage(1371, LogLevel.Warning, "Job {Job} is still reserved for this machine and no agent had it before macrunners was interrupted: it is taken again")]
    private static partial void Again(ILogger logger, Guid job);

    [LoggerMessage(1372, LogLevel.Warning, "The reservation of job {Job} could not be renewed: {Why}")]
    private static partial void NotReserved(ILogger logger, Guid job, string why);
}
