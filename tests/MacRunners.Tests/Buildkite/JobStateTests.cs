using MacRunners.Buildkite;

namespace MacRunners.Tests.Buildkite;

public sealed class JobStateTests
{
    [Theory]
    [InlineData(JobStateGroup.NotYetRunnable, "pending waiting blocked unblocked limiting limited platform_limiting platform_limited")]
    [InlineData(JobStateGroup.Ready, "scheduled reserved")]
    [InlineData(JobStateGroup.WithAgent, "assigned accepted running canceling timing_out")]
    [InlineData(
        JobStateGroup.Final, "finished canceled timed_out skipped broken expired waiting_failed blocked_failed unblocked_failed")]
    public void Every_known_state_is_in_its_group(JobStateGroup group, string names)
    {
        var states = names.Split(' ').Select(name => new JobState(name)).ToList();
        Assert.All(states, state => Assert.Equal((group, true), (state.Group, state.IsKnown)));
        Assert.Equal(
            states.Select(s => s.Text).Order(StringComparer.Ordinal),
            JobState.Known.Where(s => s.Group == group).Select(s => s.Text).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_helper_is_true_for_exactly_its_states()
    {
        Assert.Equal(["reserved", "scheduled"], Names(s => s.IsReady));
        Assert.Equal(["canceled", "canceling"], Names(s => s.IsCancelled));
        Assert.Equal(["accepted", "assigned", "canceling", "running", "timing_out"], Names(s => s.IsWithAgent));
        Assert.Equal(9, Names(s => s.IsFinal).Count);
    }

    [Theory]
    [InlineData("levitating")]
    [InlineData("Reserved")]
    [InlineData("")]
    public void An_unknown_state_is_kept_and_means_nothing(string text)
    {
        var state = new JobState(text);
        Assert.Equal((text, JobStateGroup.Unknown, false), (state.ToString(), state.Group, state.IsKnown));
        Assert.False(state.IsReady || state.IsFinal || state.IsCancelled || state.IsWithAgent);
    }

    [Fact]
    public void States_are_equal_by_name()
    {
        Assert.Equal(JobState.Reserved, new JobState("reserved"));
        Assert.NotEqual(JobState.Reserved, JobState.Scheduled);
        Assert.Equal("", default(JobState).Text);
    }

    private static List<string> Names(Func<JobState, bool> predicate) =>
        [.. JobState.Known.Where(predicate).Select(s => s.Text).Order(StringComparer.Ordinal)];
}
