using MacRunners.Accounts;
using MacRunners.Agent;
using MacRunners.Buildkite;
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
/// account → token → agent → wait → truth → teardown. Whatever fails on the way, teardown follows. A job whose agent
/// outlived the daemon goes on at "wait".
/// </summary>
internal sealed partial class JobSession(
    IJobSource source,
    JobAccounts accounts,
    AgentCredentials credentials,
    AgentLauncher launcher,
    AgentSupervisor supervisor,
    JobTruth truth,
    JobTeardown teardown,
    JobClosing closing,
    JournalFile journal,
    IJobLogs logs,
    DaemonMetrics metrics,
    IOptions<JobsOptions> jobs,
    IOptions<BuildkiteOptions> buildkite,
    TimeProvider time,
    ILogger<JobSession> logger)
{
    /// <summary>Lives the life of a job that is reserved for this machine.</summary>
    /// <param name="job">Its id.</param>
    /// <param name="isSecondAttempt">It was reserved before, but the daemon was interrupted before an agent had it.</param>
    /// <param name="timeline">Its times so far; the job is on the board under it.</param>
    /// <param name="mustStop">The daemon cannot wait for the job any longer: cancel, then tear down.</param>
    /// <exception cref="IOException">The journal cannot be written: the daemon must not go on.</exception>
    public async Task RunAsync(Guid job, bool isSecondAttempt, JobTimeline timeline, CancellationToken mustStop)
    {
        using var log = logs.Open(job);
        using var scope = logger.BeginScope(IJobLogs.Scope(job));
        var life = new JobLife(job);
        journal.Append(at => new JobReserved(at, job, isSecondAttempt));
        Taken(logger, job);

        await using var notices = new SlowStartNotices(source, life, timeline, jobs.Value, time, logger);
        await EndAsync(life, await ServeAsync(life, timeline, mustStop), timeline);
    }

    /// <summary>Takes up a job whose agent outlived the daemon that started it.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public async Task ResumeAsync(JobLife life, JobTimeline timeline, CancellationToken mustStop)
    {
        using var log = logs.Open(life.Job);
        using var scope = logger.BeginScope(IJobLogs.Scope(life.Job));
        Adopted(logger, life.Job, life.Agent!.Process.Pid, life.Account!.Name, time.GetElapsedTime(life.Agent.StartedAt).TotalSeconds);

        await EndAsync(life, await WatchAsync(life, launcher.Adopt(life.Job, life.Agent), timeline, mustStop), timeline);
    }

    private async Task EndAsync(JobLife life, Service served, JobTimeline timeline)
    {
        // Side by side: a Buildkite that does not answer must not keep the job's leftovers alive.
        var settling = SettleAsync(life.Job, served);
        var report = await teardown.RunAsync(life, timeline.Begin, CancellationToken.None);
        closing.Close(life, await settling, report, timeline.End());
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
                var credential = await credentials.GetAsync(job, reservation.Provisioning);
                agent = await StartAgentAsync(life, credential, reservation.Provisioning);
            }
            catch (OperationCanceledException) when (reservation.LostTo is { } state)
            {
                return new Service.Without(state.IsCancelled
                    ? JobTruth.CancelledBefore
                    : new JobVerdict(JobOutcome.TakenElsewhere, $"it was {state}, but no longer for this machine, before our agent was started"));
            }
            catch (OperationCanceledException) when (mustStop.IsCancellationRequested)
            {
                return new Service.Without(JobTruth.NotStarted("macrunners was stopped on this machine before the job's agent was started. Retry the job"));
            }
            catch (Exception e) when (e is NoCredentialException or BuildkiteApiException)
            {
                return new Service.Refused(e.Message);
            }
            catch (Exception e) when (e is AccountDirectoryException or AgentUnusableException or ToolException or IOException)
            {
                return new Service.Without(JobTruth.NotStarted(e.Message, isMachinesFault: true));
            }
        }

        return await WatchAsync(life, agent, timeline, mustStop);
    }

    private async Task<AgentProcess> StartAgentAsync(JobLife life, AgentCredential credential, CancellationToken cancellationToken)
    {
        var job = life.Job;
        journal.Append(at => new AgentStarting(at, job));
        var agent = await launcher.StartAsync(job, life.Account!, credential, cancellationToken);

        try
        {
            life.Agent = new AgentRun(agent.Identity, time.GetTimestamp());
            life.Enter(JobStage.AgentStarted);
            journal.Append(at => new AgentStarted(at, job, agent.Identity, life.Agent.StartedAt));
        }
        catch
        {
            agent.Dispose();
            throw;
        }

        // Only now that it is on disk which process this is: no agent can outlive the daemon unknown.
        agent.Go();
        Started(logger, agent.Identity.Pid, life.Account!.Name, life.Account.Id);
        return agent;
    }

    private async Task<Service> WatchAsync(JobLife life, AgentProcess agent, JobTimeline timeline, CancellationToken mustStop)
    {
        using (agent)
        {
            var end = await supervisor.WatchAsync(life.Job, agent, life.Agent!, Acquired, Ending, mustStop);
            life.Agent = null;
            life.Enter(JobStage.AgentEnded);
            journal.Append(at => new AgentEnded(at, life.Job, end.ExitCode, end.Cause));
            metrics.AgentOutputDropped(agent.DroppedOutputBytes);
            return new Service.ByAgent(end);
        }

        void Acquired()
        {
            journal.Append(at => new AgentAcquired(at, life.Job, time.GetTimestamp()));
            timeline.Begin(JobPhase.Run);
        }

        void Ending(AgentEndCause cause) => journal.Append(at => new AgentEnding(at, life.Job, cause, time.GetTimestamp()));
    }

    private async Task<JobVerdict> SettleAsync(Guid job, Service served)
    {
        var verdict = served switch
        {
            Service.ByAgent(var end) => await truth.LearnAsync(job, end),
            Service.Without(var known) => known,
            Service.Refused(var why) => await truth.LearnRefusedAsync(job, why),
            _ => throw new InvalidOperationException($"{served} is no service"),
        };
        await truth.TellAsync(job, verdict);
        return verdict;
    }

    /// <summary>How a job was served: by an agent, or not at all.</summary>
    private abstract record Service
    {
        /// <summary>An agent was started and has ended.</summary>
        public sealed record ByAgent(AgentEnd End) : Service;

        /// <summary>No agent was started.</summary>
        public sealed record Without(JobVerdict Verdict) : Service;

        /// <summary>No agent was started, as Buildkite refused what it needs.</summary>
        public sealed record Refused(string Why) : Service;
    }

    [LoggerMessage(1321, LogLevel.Information, "Job {Job} is reserved for this machine")]
    private static partial void Taken(ILogger logger, Guid job);

    [LoggerMessage(1322, LogLevel.Information, "The agent runs with pid {Pid} as {Account} (uid {Uid})")]
    private static partial void Started(ILogger logger, int pid, string account, uint uid);

    [LoggerMessage(1326, LogLevel.Warning, "Job {Job} goes on: its agent (pid {Pid}, {Account}) outlived the daemon and runs since {Seconds:0} s")]
    private static partial void Adopted(ILogger logger, Guid job, int pid, string account, double seconds);
}
