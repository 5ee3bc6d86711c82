using MacRunners.Agent;
using MacRunners.Buildkite;
using MacRunners.Jobs;

namespace MacRunners.Tests.Jobs;

public sealed class JobTruthTests
{
    private static readonly Guid Job = Guid.Parse("0190f5a4-1111-4222-8333-444455556666");

    [Theory]
    [InlineData("reserved", 1, null)]
    [InlineData("reserved", 0, null)]
    [InlineData("reserved", 137, nameof(AgentEndCause.NeverAcquired))]
    public async Task An_agent_that_did_not_take_its_job_is_this_machines_fault(string state, int exitCode, string? cause)
    {
        var verdict = await JudgeAsync(state, exitCode, cause);

        Assert.Equal(MacRunners.Telemetry.JobOutcome.NotStarted, verdict.Outcome);
        Assert.True(verdict.IsMachinesFault);
        Assert.True(verdict.TellBuildkite);
    }

    [Theory]
    [InlineData("reserved", 27, null)]
    [InlineData("reserved", 255, nameof(AgentEndCause.Stopped))]
    [InlineData("reserved", 255, nameof(AgentEndCause.Interrupted))]
    [InlineData("scheduled", 1, null)]
    [InlineData("canceled", 1, null)]
    [InlineData("running", 137, null)]
    [InlineData("finished", 1, null)]
    [InlineData("timed_out", 1, null)]
    public async Task What_others_did_or_a_job_that_ran_is_not(string state, int exitCode, string? cause) =>
        Assert.False((await JudgeAsync(state, exitCode, cause)).IsMachinesFault);

    private static async Task<JobVerdict> JudgeAsync(string state, int exitCode, string? cause)
    {
        await using var machine = new JobMachine();
        return machine.Get<JobTruth>().Judge(
            Job, new JobState(state), new AgentEnd(exitCode, cause is null ? null : Enum.Parse<AgentEndCause>(cause)));
    }
}
