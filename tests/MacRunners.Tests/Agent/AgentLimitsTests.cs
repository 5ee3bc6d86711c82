using MacRunners.Agent;
using MacRunners.Buildkite;
using MacRunners.Settings;

namespace MacRunners.Tests.Agent;

public class AgentLimitsTests
{
    private static readonly JobsOptions Options = new()
    {
        Timeout = TimeSpan.FromMinutes(60),
        StartDeadline = TimeSpan.FromMinutes(2),
        CancelGrace = TimeSpan.FromSeconds(60),
        UploadGrace = TimeSpan.FromSeconds(15),
        StateCheckInterval = TimeSpan.FromSeconds(5),
    };

    private static readonly JobState TimingOut = new("timing_out");

    private readonly AgentLimits _limits = new(Options);

    [Fact]
    public void An_agent_that_acquired_in_time_is_left_alone_until_the_jobs_limit()
    {
        Assert.Equal(AgentAction.None, At(1, JobState.Running));
        Assert.Equal(AgentAction.None, At(3599, JobState.Running));
        Assert.Equal(AgentAction.Cancel, At(3600, JobState.Running));
        Assert.Equal(AgentEndCause.TimedOut, _limits.Cause);
    }

    [Fact]
    public void A_job_over_its_limit_is_cancelled_once_and_then_killed_until_it_is_gone()
    {
        _ = At(1, JobState.Running);
        Assert.Equal(AgentAction.Cancel, At(3600, JobState.Running));
        Assert.Equal(AgentAction.None, At(3674, JobState.Canceling));
        Assert.Equal(AgentAction.Kill, At(3675, JobState.Canceling));
        Assert.Equal(AgentAction.None, At(3675.5, JobState.Canceling));
        Assert.Equal(AgentAction.Kill, At(3676, JobState.Canceling));
        Assert.Equal(AgentEndCause.TimedOut, _limits.Cause);
    }

    [Theory]
    [InlineData("reserved")]
    [InlineData("scheduled")]
    public void An_agent_that_never_acquires_is_killed_at_the_start_deadline(string state)
    {
        Assert.Equal(AgentAction.None, At(119, new JobState(state)));
        Assert.Equal(AgentAction.Kill, At(120, new JobState(state)));
        Assert.Equal(AgentEndCause.NeverAcquired, _limits.Cause);
    }

    [Fact]
    public void An_agent_is_not_killed_for_a_state_that_cannot_be_learned()
    {
        Assert.Equal(AgentAction.None, At(1, null));
        Assert.Equal(AgentAction.None, At(500, null));
        Assert.Equal(AgentAction.None, At(501, new JobState("a_state_of_the_future")));
        Assert.Equal(AgentAction.Kill, At(502, JobState.Reserved));
    }

    [Fact]
    public void At_its_limit_a_job_of_unknown_state_is_cancelled_not_killed()
    {
        Assert.Equal(AgentAction.None, At(1, null));
        Assert.Equal(AgentAction.Cancel, At(3600, null));
    }

    [Fact]
    public void Once_acquired_an_unknown_state_changes_nothing()
    {
        _ = At(1, JobState.Running);
        Assert.Equal(AgentAction.None, At(300, null));
        Assert.Equal(AgentAction.None, At(301, new JobState("a_state_of_the_future")));
    }

    [Fact]
    public void An_agent_that_does_not_leave_after_its_job_ended_is_killed_after_the_upload_grace()
    {
        _ = At(1, JobState.Running);
        Assert.Equal(AgentAction.None, At(10, JobState.Finished));
        Assert.Equal(AgentAction.None, At(24, JobState.Finished));
        Assert.Equal(AgentAction.Kill, At(25, JobState.Finished));
        Assert.Equal(AgentEndCause.DidNotLeave, _limits.Cause);
    }

    [Theory]
    [InlineData("canceling")]
    [InlineData("timing_out")]
    public void A_cancel_at_Buildkite_leaves_the_agent_its_whole_grace(string state)
    {
        _ = At(1, JobState.Running);
        Assert.Equal(AgentAction.None, At(10, new JobState(state)));
        Assert.Equal(AgentAction.None, At(84, new JobState(state)));
        Assert.Equal(AgentAction.Kill, At(85, new JobState(state)));
    }

    [Fact]
    public void A_stop_cancels_a_running_job_and_kills_one_that_only_tries_to_acquire()
    {
        var trying = new AgentLimits(Options);
        _ = trying.Decide(TimeSpan.FromSeconds(0.5), TimeSpan.Zero, JobState.Reserved, mustStop: false);
        Assert.Equal(AgentAction.Kill, trying.Decide(TimeSpan.FromSeconds(1), TimeSpan.Zero, JobState.Reserved, mustStop: true));

        _ = At(1, JobState.Running);
        Assert.Equal(AgentAction.Cancel, _limits.Decide(TimeSpan.FromSeconds(2), TimeSpan.Zero, JobState.Running, mustStop: true));
        Assert.Equal(AgentEndCause.Stopped, _limits.Cause);
    }

    [Fact]
    public void Looks_come_quickly_at_first_and_never_miss_a_limit()
    {
        var waits = Enumerable.Range(0, 7).Select(_ => _limits.NextLook(TimeSpan.Zero, TimeSpan.Zero).TotalSeconds).ToList();
        Assert.Equal([0.25, 0.5, 1, 2, 4, 5, 5], waits);

        _ = At(1, JobState.Running);
        Assert.Equal(2, _limits.NextLook(TimeSpan.FromSeconds(3598), TimeSpan.Zero).TotalSeconds);
        Assert.Equal(AgentAction.Cancel, At(3600, TimingOut));
        Assert.Equal(1, _limits.NextLook(TimeSpan.FromSeconds(3674), TimeSpan.Zero).TotalSeconds);
    }

    [Fact]
    public void A_start_deadline_that_passes_while_Buildkite_is_silent_does_not_make_the_looks_a_busy_loop()
    {
        _ = At(1, JobState.Reserved);
        _ = At(119, null);
        Assert.InRange(_limits.NextLook(TimeSpan.FromSeconds(119), TimeSpan.Zero).TotalSeconds, 0, 1);

        Assert.Equal(AgentAction.None, At(120, null));
        Assert.NotEqual(TimeSpan.Zero, _limits.NextLook(TimeSpan.FromSeconds(120), TimeSpan.Zero));
        Assert.Equal(AgentAction.Kill, At(125, JobState.Reserved));
    }

    [Fact]
    public void Without_a_limit_silence_means_nothing()
    {
        Assert.Equal(AgentAction.None, At(1, JobState.Running));
        Assert.Equal(AgentAction.None, At(3500, JobState.Running, silence: 3499));
    }

    [Fact]
    public void A_silent_job_is_cancelled_and_then_killed_but_an_agent_without_job_may_be_silent()
    {
        var limits = new AgentLimits(new JobsOptions { NoOutputTimeout = TimeSpan.FromSeconds(30), CancelGrace = TimeSpan.FromSeconds(60), UploadGrace = TimeSpan.FromSeconds(15) });
        AgentAction Silent(double seconds, double silence, JobState state) =>
            limits.Decide(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(silence), state, mustStop: false);

        for (var look = 0; look < 10; look++)
        {
            _ = limits.NextLook(TimeSpan.Zero, TimeSpan.Zero);
        }

        Assert.Equal(AgentAction.None, Silent(40, 40, JobState.Reserved));
        Assert.Equal(AgentAction.None, Silent(41, 0, JobState.Running));
        Assert.Equal(AgentAction.None, Silent(70, 29, JobState.Running));
        Assert.Equal(1, limits.NextLook(TimeSpan.FromSeconds(70), TimeSpan.FromSeconds(29)).TotalSeconds);
        Assert.Equal(AgentAction.Cancel, Silent(71, 30, JobState.Running));
        Assert.Equal(AgentEndCause.NoOutput, limits.Cause);
        Assert.Equal(AgentAction.None, Silent(100, 1, JobState.Canceling));
        Assert.Equal(AgentAction.Kill, Silent(146, 1, JobState.Canceling));
    }

    [Fact]
    public void Limits_of_an_adopted_agent_count_from_its_real_start()
    {
        var limits = new AgentLimits(Options, hasAcquired: true, cause: null, endingSince: TimeSpan.Zero);

        Assert.True(limits.HasAcquired);
        Assert.Equal(AgentAction.None, limits.Decide(TimeSpan.FromSeconds(3599), TimeSpan.Zero, null, mustStop: false));
        Assert.Equal(AgentAction.Cancel, limits.Decide(TimeSpan.FromSeconds(3600), TimeSpan.Zero, null, mustStop: false));
    }

    [Fact]
    public void An_agent_adopted_while_it_is_made_to_end_is_not_asked_again_but_killed_in_time()
    {
        var limits = new AgentLimits(Options, hasAcquired: true, AgentEndCause.TimedOut, endingSince: TimeSpan.FromSeconds(3600));

        Assert.Equal(AgentAction.None, limits.Decide(TimeSpan.FromSeconds(3674), TimeSpan.Zero, JobState.Canceling, mustStop: false));
        Assert.Equal(AgentAction.Kill, limits.Decide(TimeSpan.FromSeconds(3675), TimeSpan.Zero, JobState.Canceling, mustStop: false));
        Assert.Equal(AgentEndCause.TimedOut, limits.Cause);
    }

    private AgentAction At(double seconds, JobState? state, double silence = 0) => _limits.Decide(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(silence), state, mustStop: false);
}
