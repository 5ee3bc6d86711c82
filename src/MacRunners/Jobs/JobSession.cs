using MacRunners.Accounts;
using MacRunners.Agent;
using MacRunners.Buildkite;
using MacRunners.Health;
using MacRunners.Hosting;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>
/// One job's life, from the reservation to the proof that nothing of it is left:
/// account → token → agent → wait → truth → teardown. Whatever fails on the way, teardown follows.
/// </summary>
internal sealed partial class JobSession(
    IJobSource source,
    JobAccounts accounts,
    AgentLauncher launcher,
    AgentSupervisor supervisor,
    JobTeardown teardown,
    JobBoard board,
    JobReports reports,
    JournalFile journal,
    IJobLogs logs,
    DaemonMetrics metrics,
    IOptions<JobsOptions> jobs,
    IOptions<BuildkiteOptions> buildkite,
    TimeProvider time,
    ILogger<JobSession> logger)
{
    // The agent's exit code for "somebody else has the job".
    private const int AcquireRejected = 27;

    /// <summary>Lives the life of a job that is reserved for this machine.</summary>
    /// <param name="job">Its id.</param>
    /// <param name="timeline">Its times so far; the job is on the board under it.</param>
    /// <param name="mustStop">The daemon cannot wait for the job any longer: cancel, then tear down.</param>
    /// <exception cref="IOException">The journal cannot be written: the daemon must not go on.</exception>
    public async Task RunAsync(Guid job, JobTimeline timeline, CancellationToken mustStop)
    {
        using var log = logs.Open(job);
        using var scope = logger.BeginScope(IJobLogs.Scope(job));
        var life = new JobLife(job);
        journal.Append(at => new JobReserved(at, job));
        Taken(logger, job);

        var served = await ServeAsync(life, timeline, mustStop);

        // Side by side: a Buildkite that does not answer must not keep the job's leftovers alive.
        var settling = SettleAsync(job, served);
        var report = await teardown.RunAsync(life, timeline.Begin, CancellationToken.None);
        var verdict = await settling;

        var ended = new EndedJob(job, verdict.Outcome, time.GetUtcNow(), timeline.End());
        Measure(ended);
        reports.Write(ended, life, verdict, report);
        Ended(logger, job, verdict.Outcome, report.IsClean ? "clean" : "DIRTY", Describe(ended.Phases), verdict.Why ?? "");
        board.Leave(ended);
    }

    /// <summary>From the account to the agent's end.</summary>
    private async Task<Service> ServeAsync(JobLife life, JobTimeline timeline, CancellationToken mustStop)
    {
        var job = life.Job;
        AgentProcess agent;
        await using (var reservation = new ReservationKeeper(source, job, jobs.Value, buildkite.Value, time, logger, mustStop))
        {
            try
            {
                await accounts.CreateAsync(life, reservation.Provisioning);

                timeline.Begin(JobPhase.AgentStart);
                var token = await source.IssueTokenAsync(job, reservation.Provisioning);
                if (token is null)
                {
                    return new Service.Without(NotStarted("Buildkite issued no acquisition token for this job, and no other token may start it. Retry the job; if it happens again, check that the cluster token may run jobs"));
                }

                agent = await StartAgentAsync(life, token, reservation.Provisioning);
            }
            catch (OperationCanceledException) when (reservation.LostTo is { } state)
            {
                return new Service.Without(state.IsCancelled
                    ? new JobVerdict(JobOutcome.Cancelled, "cancelled before its agent was started")
                    : new JobVerdict(JobOutcome.TakenElsewhere, $"it was {state}, but no longer for this machine, before our agent was started"));
            }
            catch (OperationCanceledException) when (mustStop.IsCancellationRequested)
            {
                return new Service.Without(NotStarted("macrunners was stopped on this machine before the job's agent was started. Retry the job"));
            }
            catch (BuildkiteApiException e) when (e.Operation == ApiOperation.IssueAcquisitionTokens)
            {
                return new Service.Without(NotStarted($"no acquisition token could be had for this job, and no other token may start it: {e.Message}"));
            }
            catch (Exception e) when (e is AccountDirectoryException or AgentUnusableException or ToolException or BuildkiteApiException or IOException)
            {
                return new Service.Without(NotStarted(e.Message));
            }
        }

        using (agent)
        {
            var end = await supervisor.WatchAsync(job, agent, () => timeline.Begin(JobPhase.Run), mustStop);
            life.Agent = null;
            life.Enter(JobStage.AgentEnded);
            journal.Append(at => new AgentEnded(at, job, end.ExitCode, end.Cause?.ToString() ?? "left"));
            metrics.AgentOutputDropped(agent.DroppedOutputBytes);
            return new Service.ByAgent(end);
        }
    }

    private async Task<AgentProcess> StartAgentAsync(JobLife life, string token, CancellationToken cancellationToken)
    {
        var job = life.Job;
        journal.Append(at => new AgentStarting(at, job));
        var agent = await launcher.StartAsync(job, life.Account!, token, cancellationToken);
        life.Agent = agent.Identity;
        life.Enter(JobStage.AgentStarted);
        journal.Append(at => new AgentStarted(at, job, agent.Identity));
        Started(logger, agent.Identity.Pid, life.Account!.Name, life.Account.Id);
        return agent;
    }

    private async Task<JobVerdict> SettleAsync(Guid job, Service served)
    {
        var verdict = served switch
        {
            Service.ByAgent(var end) => await LearnTruthAsync(job, end),
            Service.Without(var known) => known,
            _ => throw new InvalidOperationException($"{served} is no service"),
        };
        await TellAsync(job, verdict);
        return verdict;
    }

    /// <summary>The agent's exit code is a hint; Buildkite knows what became of the job.</summary>
    private async Task<JobVerdict> LearnTruthAsync(Guid job, AgentEnd end)
    {
        JobState? state;
        try
        {
            state = await source.GetStateAsync(job, CancellationToken.None);
        }
        catch (Exception e) when (e is BuildkiteApiException or IOException)
        {
            return new JobVerdict(
                end is { ExitCode: 0, Cause: null } ? JobOutcome.Finished : OutcomeOf(end.Cause),
                $"the agent ended with {end.ExitCode}; Buildkite could not be asked for the job's state: {e.Message}");
        }

        return state switch
        {
            { Text: "scheduled" } => new JobVerdict(
                JobOutcome.TakenElsewhere, $"its reservation ran out before the agent had it (agent exit code {end.ExitCode}); it is back in the queue"),
            { IsReady: true } when end.ExitCode == AcquireRejected =>
                NotStarted("Buildkite refused to hand the job to the agent although it is reserved for this machine (agent exit code 27). Retry the job"),
            { IsReady: true } => NotStarted(end.Cause switch
            {
                AgentEndCause.NeverAcquired => $"the agent did not acquire the job within {jobs.Value.StartDeadline.TotalSeconds:0.#} s (Jobs:StartDeadline) and was killed. Its output is in {launcher.AgentLog(job)}",
                AgentEndCause.Stopped => "macrunners was stopped on this machine before the agent had acquired the job. Retry the job",
                _ => $"the agent ended with {end.ExitCode} before it acquired the job. Its output is in {launcher.AgentLog(job)}",
            }),
            { IsCancelled: true } when end.Cause is null or AgentEndCause.DidNotLeave => new JobVerdict(JobOutcome.Cancelled),
            { IsFinal: true } when end.ExitCode == AcquireRejected && end.Cause is null =>
                new JobVerdict(JobOutcome.TakenElsewhere, $"it was {state} when the agent asked for it"),
            { IsFinal: true, Text: "timed_out" } => new JobVerdict(JobOutcome.TimedOut, "its time limit at Buildkite was reached"),
            { IsFinal: true } => new JobVerdict(end.Cause is null or AgentEndCause.DidNotLeave ? JobOutcome.Finished : OutcomeOf(end.Cause), Explain(end.Cause)),
            _ when end.ExitCode == AcquireRejected => new JobVerdict(JobOutcome.TakenElsewhere, $"another agent has it ({state?.Text ?? "unknown"})"),
            _ => new JobVerdict(
                OutcomeOf(end.Cause),
                $"the agent ended with {end.ExitCode} while the job is {state?.Text ?? "unknown"}; Buildkite will declare the agent lost within minutes. {Explain(end.Cause)}".TrimEnd()),
        };
    }

    private static JobVerdict NotStarted(string why) => new(JobOutcome.NotStarted, why, TellBuildkite: true);

    private static JobOutcome OutcomeOf(AgentEndCause? cause) => cause switch
    {
        AgentEndCause.TimedOut => JobOutcome.TimedOut,
        AgentEndCause.Stopped => JobOutcome.Stopped,
        _ => JobOutcome.Lost,
    };

    private string? Explain(AgentEndCause? cause) => cause switch
    {
        AgentEndCause.TimedOut => $"it ran longer than {jobs.Value.Timeout} (Jobs:Timeout)",
        AgentEndCause.Stopped => "macrunners had to stop",
        _ => null,
    };

    private async Task TellAsync(Guid job, JobVerdict verdict)
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

    private void Measure(EndedJob ended)
    {
        metrics.JobEnded(ended.Outcome);
        foreach (var phase in ended.Phases)
        {
            metrics.PhaseTook(phase.Phase, phase.Duration);
        }
    }

    /// <summary>How a job was served: by an agent, or not at all.</summary>
    private abstract record Service
    {
        /// <summary>An agent was started and has ended.</summary>
        public sealed record ByAgent(AgentEnd End) : Service;

        /// <summary>No agent was started.</summary>
        public sealed record Without(JobVerdict Verdict) : Service;
    }

    private static string Describe(IReadOnlyList<PhaseDuration> phases) =>
        string.Join(", ", phases.Select(phase => $"{phase.Phase} {phase.Duration.TotalMilliseconds:0} ms"));

    [LoggerMessage(1321, LogLevel.Information, "Job {Job} is reserved for this machine")]
    private static partial void Taken(ILogger logger, Guid job);

    [LoggerMessage(1322, LogLevel.Information, "The agent runs with pid {Pid} as {Account} (uid {Uid})")]
    private static partial void Started(ILogger logger, int pid, string account, uint uid);

    [LoggerMessage(1323, LogLevel.Error, "Job {Job} was not run: {Why}")]
    private static partial void NotRun(ILogger logger, Guid job, string why);

    [LoggerMessage(1324, LogLevel.Error, "Buildkite could not be told that job {Job} was not run; its reservation will expire and it returns to the queue: {Why}")]
    private static partial void NotTold(ILogger logger, Guid job, string why);

    [LoggerMessage(1325, LogLevel.Information, "Job {Job} ended: {Outcome}, machine {Cleanliness} ({Phases}) {Why}")]
    private static partial void Ended(ILogger logger, Guid job, JobOutcome outcome, string cleanliness, string phases, string why);
}
