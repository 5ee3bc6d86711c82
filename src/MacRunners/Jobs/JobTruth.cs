using MacRunners.Agent;
using MacRunners.Buildkite;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>
/// What became of a job. The agent's exit code is a hint that means different things in different versions; Buildkite knows. A job
/// that no agent ever took is ended there with the reason, so that its owner need not wait for it.
/// </summary>
internal sealed partial class JobTruth(IJobSource source, AgentLauncher launcher, IOptions<JobsOptions> jobs, ILogger<JobTruth> logger)
{
    // The agent's exit code for "somebody else has the job".
    private const int AcquireRejected = 27;

    /// <summary>The verdict on a job that this machine could not serve: Buildkite is to be told.</summary>
    public static JobVerdict NotStarted(string why, bool isMachinesFault = false) =>
        new(JobOutcome.NotStarted, why, TellBuildkite: true, isMachinesFault);

    /// <summary>The verdict on a job that was cancelled in time.</summary>
    public static JobVerdict CancelledBefore => new(JobOutcome.Cancelled, "cancelled before its agent was started");

    /// <summary>What a job ends as for which Buildkite refused what its agent needs: a job that was cancelled meanwhile gets nothing any more.</summary>
    public async Task<JobVerdict> LearnRefusedAsync(Guid job, string why)
    {
        try
        {
            if (await source.GetStateAsync(job, CancellationToken.None) is { IsCancelled: true })
            {
                return CancelledBefore;
            }
        }
        catch (Exception e) when (e is BuildkiteApiException or IOException)
        {
            // Then the refusal is all that is known.
        }

        return NotStarted(why);
    }

    /// <summary>Asks Buildkite what became of a job whose agent has ended.</summary>
    public async Task<JobVerdict> LearnAsync(Guid job, AgentEnd end)
    {
        try
        {
            return Judge(job, await source.GetStateAsync(job, CancellationToken.None), end);
        }
        catch (Exception e) when (e is BuildkiteApiException or IOException)
        {
            return new JobVerdict(
                end is { ExitCode: 0, Cause: null } ? JobOutcome.Finished : OutcomeOf(end.Cause),
                $"the agent ended with {end.Exit}; Buildkite could not be asked for the job's state: {e.Message}");
        }
    }

    /// <summary>What the job's state there and the agent's end here mean together.</summary>
    /// <param name="job">The job.</param>
    /// <param name="state">Its state at Buildkite; null when it is not known there.</param>
    /// <param name="end">How its agent ended.</param>
    public JobVerdict Judge(Guid job, JobState? state, AgentEnd end) => state switch
    {
        { Text: "scheduled" } => new JobVerdict(
            JobOutcome.TakenElsewhere, $"its reservation ran out before the agent had it (the agent ended with {end.Exit}); it is back in the queue"),
        { IsReady: true } when end.ExitCode == AcquireRejected =>
            NotStarted("Buildkite refused to hand the job to the agent although it is reserved for this machine (agent exit code 27). Retry the job"),
        { IsReady: true } => NotStarted(
            end.Cause switch
            {
                AgentEndCause.NeverAcquired => $"the agent did not acquire the job within {jobs.Value.StartDeadline.TotalSeconds:0.#} s (Jobs:StartDeadline) and was killed. Its output is in {launcher.AgentLog(job)}",
                AgentEndCause.Stopped => "macrunners was stopped on this machine before the agent had acquired the job. Retry the job",
                AgentEndCause.Interrupted => "macrunners was interrupted on this machine (crash, restart or power loss) before an agent had the job, twice. Retry the job; if it happens again, look into the machine's log",
                _ => $"the agent ended with {end.Exit} before it acquired the job. Its output is in {launcher.AgentLog(job)}",
            },
            isMachinesFault: end.Cause is null or AgentEndCause.NeverAcquired),
        { IsCancelled: true } when end.Cause is null or AgentEndCause.DidNotLeave or AgentEndCause.Interrupted => new JobVerdict(JobOutcome.Cancelled),
        { IsFinal: true } when end.ExitCode == AcquireRejected && end.Cause is null =>
            new JobVerdict(JobOutcome.TakenElsewhere, $"it was {state} when the agent asked for it"),
        { IsFinal: true, Text: "timed_out" } => new JobVerdict(JobOutcome.TimedOut, "its time limit at Buildkite was reached"),
        { IsFinal: true } => new JobVerdict(
            end.Cause is null or AgentEndCause.DidNotLeave or AgentEndCause.Interrupted ? JobOutcome.Finished : OutcomeOf(end.Cause), Explain(end.Cause)),
        _ when end.ExitCode == AcquireRejected => new JobVerdict(JobOutcome.TakenElsewhere, $"another agent has it ({state?.Text ?? "unknown"})"),
        _ => new JobVerdict(
            OutcomeOf(end.Cause),
            $"the agent ended with {end.Exit} while the job is {state?.Text ?? "unknown"}; Buildkite will declare the agent lost within minutes. {Explain(end.Cause)}".TrimEnd()),
    };

    /// <summary>Ends the job at Buildkite, if the verdict says so.</summary>
    public async Task TellAsync(Guid job, JobVerdict verdict)
    {
        if (!verdict.TellBuildkite)
        {
            return;
        }

        NotRun(logger, job, verdict.Why!);
        try
        {
            await source.FailAsync(job, $"{verdict.Why} (host {Environment.MachineName})", CancellationToken.None);
        }
        catch (Exception e) when (e is BuildkiteApiException or IOException)
        {
            // The reservation expires and the job goes back to the queue.
            NotTold(logger, job, e.Message);
        }
    }

    private static JobOutcome OutcomeOf(AgentEndCause? cause) => cause switch
    {
        AgentEndCause.TimedOut or AgentEndCause.NoOutput => JobOutcome.TimedOut,
        AgentEndCause.Stopped => JobOutcome.Stopped,
        _ => JobOutcome.Lost,
    };

    private string? Explain(AgentEndCause? cause) => cause switch
    {
        AgentEndCause.TimedOut => $"it ran longer than {jobs.Value.Timeout} (Jobs:Timeout)",
        AgentEndCause.NoOutput => $"it printed nothing for {jobs.Value.NoOutputTimeout} (Jobs:NoOutputTimeout)",
        AgentEndCause.Stopped => "macrunners had to stop",
        AgentEndCause.Interrupted => "it ended while macrunners was not running",
        _ => null,
    };

    [LoggerMessage(1323, LogLevel.Error, "Job {Job} was not run: {Why}")]
    private static partial void NotRun(ILogger logger, Guid job, string why);

    [LoggerMessage(1324, LogLevel.Error, "Buildkite could not be told that job {Job} was not run; its reservation will expire and it returns to the queue: {Why}")]
    private static partial void NotTold(ILogger logger, Guid job, string why);
}
