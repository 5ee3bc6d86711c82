using MacRunners.Agent;
using MacRunners.Buildkite;
using MacRunners.Hosting;
using MacRunners.Jobs;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace MacRunners.Tests.Jobs;

/// <summary>The job's state at Buildkite × how its agent ended → what became of it, why, and whether Buildkite must still be told.</summary>
public sealed class JobTruthTests
{
    private const string None = "";
    private static readonly Guid Job = Guid.Parse("0190f5a4-1111-4222-8333-444455556666");

    private readonly IJobSource _source = Substitute.For<IJobSource>();
    private readonly JobTruth _truth;

    public JobTruthTests()
    {
        var jobs = Options.Create(new JobsOptions { StartDeadline = TimeSpan.FromSeconds(90), Timeout = TimeSpan.FromHours(2), NoOutputTimeout = TimeSpan.FromMinutes(7) });
        var launcher = new AgentLauncher(
            Substitute.For<IPlatform>(),
            new HelperCommand(Options.Create(new PlatformOptions())),
            null!,
            Options.Create(new AgentOptions()),
            Options.Create(new AccountsOptions()),
            jobs,
            Options.Create(new BuildkiteOptions()),
            Options.Create(new PathsOptions { Logs = "/logs", Run = "/run" }),
            Substitute.For<IAgentToken>(),
            new CurrentAgentLog(Options.Create(new PathsOptions()), NullLogger<CurrentAgentLog>.Instance),
            TimeProvider.System,
            NullLogger<AgentLauncher>.Instance);
        _truth = new JobTruth(_source, launcher, jobs, NullLogger<JobTruth>.Instance);
    }

    // state, agent's exit code (null: unknown), why the daemon ended it ("" for not) → outcome, part of the reason ("" for none), told, machine's fault
    [Theory]
    [InlineData("finished", 0, None, "Finished", None, false, false)]
    [InlineData("finished", 1, None, "Finished", None, false, false)]
    [InlineData("finished", 137, "DidNotLeave", "Finished", None, false, false)]
    [InlineData("finished", null, None, "Finished", None, false, false)]
    [InlineData("finished", null, "Interrupted", "Finished", "while macrunners was not running", false, false)]
    [InlineData("finished", 0, "TimedOut", "TimedOut", "02:00:00 (Jobs:Timeout)", false, false)]
    [InlineData("finished", 0, "NoOutput", "TimedOut", "00:07:00 (Jobs:NoOutputTimeout)", false, false)]
    [InlineData("finished", 0, "Stopped", "Stopped", "had to stop", false, false)]
    [InlineData("finished", 27, None, "TakenElsewhere", "it was finished", false, false)]
    [InlineData("canceled", 0, None, "Cancelled", None, false, false)]
    [InlineData("canceling", 0, None, "Cancelled", None, false, false)]
    [InlineData("canceled", 137, "DidNotLeave", "Cancelled", None, false, false)]
    [InlineData("canceled", null, "Interrupted", "Cancelled", None, false, false)]
    [InlineData("canceled", 27, None, "Cancelled", None, false, false)]
    [InlineData("canceling", 137, "DidNotLeave", "Cancelled", None, false, false)]
    [InlineData("canceled", 0, "TimedOut", "TimedOut", "Jobs:Timeout", false, false)]
    [InlineData("canceled", 0, "Stopped", "Stopped", "had to stop", false, false)]
    [InlineData("timed_out", 0, None, "TimedOut", "limit at Buildkite", false, false)]
    [InlineData("timed_out", 137, "DidNotLeave", "TimedOut", "limit at Buildkite", false, false)]
    [InlineData("expired", 27, None, "TakenElsewhere", "it was expired", false, false)]
    [InlineData("reserved", 27, None, "NotStarted", "exit code 27", true, false)]
    [InlineData("reserved", 0, None, "NotStarted", "exit code 0 before it acquired the job. Its output is in /logs/jobs/", true, true)]
    [InlineData("reserved", 1, None, "NotStarted", "exit code 1 before", true, true)]
    [InlineData("reserved", null, None, "NotStarted", "an unknown exit code before", true, true)]
    [InlineData("reserved", 137, "NeverAcquired", "NotStarted", "within 90 s (Jobs:StartDeadline)", true, true)]
    [InlineData("reserved", 137, "Stopped", "NotStarted", "was stopped on this machine", true, false)]
    [InlineData("reserved", null, "Interrupted", "NotStarted", "interrupted on this machine", true, false)]
    [InlineData("scheduled", 1, None, "TakenElsewhere", "back in the queue", false, false)]
    [InlineData("scheduled", 27, None, "TakenElsewhere", "back in the queue", false, false)]
    [InlineData("running", 27, None, "TakenElsewhere", "another agent has it (running)", false, false)]
    [InlineData("running", 1, None, "Lost", "exit code 1 while the job is running; Buildkite will declare the agent lost", false, false)]
    [InlineData("running", 137, None, "Lost", "exit code 137", false, false)]
    [InlineData("running", null, "Interrupted", "Lost", "an unknown exit code while the job is running", false, false)]
    [InlineData("running", 137, "TimedOut", "TimedOut", "Jobs:Timeout", false, false)]
    [InlineData("running", 137, "NoOutput", "TimedOut", "Jobs:NoOutputTimeout", false, false)]
    [InlineData("timing_out", 137, "DidNotLeave", "Lost", "while the job is timing_out", false, false)]
    [InlineData("accepted", 137, "Stopped", "Stopped", "had to stop", false, false)]
    [InlineData("a_state_of_the_future", 0, None, "Lost", "a_state_of_the_future", false, false)]
    [InlineData(null, 0, None, "Lost", "while the job is unknown", false, false)]
    [InlineData(null, 27, None, "TakenElsewhere", "another agent has it (unknown)", false, false)]
    public async Task A_jobs_end_is_judged_by_Buildkites_state_first(
        string? state, int? exitCode, string cause, string outcome, string why, bool told, bool machinesFault)
    {
        _source.GetStateAsync(Job, Arg.Any<CancellationToken>()).Returns(state is null ? null : new JobState(state));

        var verdict = await _truth.LearnAsync(Job, new AgentEnd(exitCode, cause == None ? null : Enum.Parse<AgentEndCause>(cause)));

        Assert.Equal((Enum.Parse<JobOutcome>(outcome), told, machinesFault), (verdict.Outcome, verdict.TellBuildkite, verdict.IsMachinesFault));
        if (why == None)
        {
            Assert.Null(verdict.Why);
        }
        else
        {
            Assert.Contains(why, verdict.Why, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, None, JobOutcome.Finished)]
    [InlineData(1, None, JobOutcome.Lost)]
    [InlineData(0, "TimedOut", JobOutcome.TimedOut)]
    [InlineData(null, "Interrupted", JobOutcome.Lost)]
    public async Task Without_Buildkite_the_exit_code_must_do(int? exitCode, string cause, object outcome)
    {
        _source.GetStateAsync(Job, Arg.Any<CancellationToken>()).ThrowsAsync(new IOException("no token"));

        var verdict = await _truth.LearnAsync(Job, new AgentEnd(exitCode, cause == None ? null : Enum.Parse<AgentEndCause>(cause)));

        Assert.Equal((outcome, false), (verdict.Outcome, verdict.TellBuildkite));
        Assert.Contains("could not be asked for the job's state: no token", verdict.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_agent_will_end_is_ended_at_Buildkite_with_the_hosts_name()
    {
        await _truth.TellAsync(Job, JobTruth.NotStarted("no account"));

        await _source.Received(1).FailAsync(Job, $"no account (host {Environment.MachineName})", Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task What_an_agent_has_ended_is_left_alone()
    {
        await _truth.TellAsync(Job, new JobVerdict(JobOutcome.Finished));

        await _source.DidNotReceiveWithAnyArgs().FailAsync(default, "", TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("canceled", "Cancelled", false)]
    [InlineData("reserved", "NotStarted", true)]
    [InlineData(null, "NotStarted", true)]
    public async Task What_Buildkite_refuses_to_a_job_that_was_cancelled_is_no_failure(string? state, string outcome, bool isTold)
    {
        _source.GetStateAsync(Job, Arg.Any<CancellationToken>()).Returns(state is null ? null : new JobState(state));

        var verdict = await _truth.LearnRefusedAsync(Job, "no token");

        Assert.Equal((outcome, isTold), (verdict.Outcome.ToString(), verdict.TellBuildkite));
    }

    [Fact]
    public async Task A_refusal_about_which_Buildkite_cannot_be_asked_is_all_that_is_known()
    {
        _source.GetStateAsync(Job, Arg.Any<CancellationToken>()).ThrowsAsync(new IOException("no answer"));

        Assert.Equal(JobTruth.NotStarted("no token"), await _truth.LearnRefusedAsync(Job, "no token"));
    }

    [Fact]
    public async Task That_Buildkite_cannot_be_told_is_no_reason_to_stop()
    {
        _source.FailAsync(default, "", TestContext.Current.CancellationToken).ThrowsAsyncForAnyArgs(new IOException("no token"));

        await _truth.TellAsync(Job, JobTruth.NotStarted("no account"));

        await _source.ReceivedWithAnyArgs(1).FailAsync(default, "", TestContext.Current.CancellationToken);
    }
}
