using MacRunners.Buildkite;

namespace MacRunners.Tests.Buildkite;

public sealed class RateLimitTests
{
    private const string EmptyPage = """{"jobs":[]}""";
    private static readonly Guid Job = Guid.Parse("0190c5a4-0000-4000-8000-00000000000a");

    private static CancellationToken Stop => StacksClientFixture.Stop;

    [Fact]
    public async Task The_call_after_the_last_allowed_one_waits_for_the_reset()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service
            .Answers(200, EmptyPage, ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "1"))
            .Answers(200, EmptyPage, ("RateLimit-Remaining", "9"), ("RateLimit-Reset", "1"))
            .Answers(200, EmptyPage);

        await it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);
        Assert.Empty(it.Time.Waits);
        await it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);
        await it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);

        Assert.Equal([1], it.Time.Waits);
    }

    [Fact]
    public async Task Time_that_has_passed_anyway_is_not_waited_for_again()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, EmptyPage, ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "1.5")).AnswersAlways(200, EmptyPage);

        await it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);
        it.Time.Advance(TimeSpan.FromSeconds(1));
        await it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);

        Assert.Equal([0.5], it.Time.Waits);
    }

    [Fact]
    public async Task Other_limits_are_not_affected()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service
            .Answers(200, EmptyPage, ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "1"))
            .Answers(200, """{"states":{}}""", ("RateLimit-Remaining", "19"));

        await it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);
        await it.Client.GetJobStatesAsync("mac-1", [Job], Stop);

        Assert.Empty(it.Time.Waits);
    }

    [Fact]
    public async Task A_refused_poll_makes_the_next_one_wait()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(429, "", ("Retry-After", "3")).Answers(200, EmptyPage);

        await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop));
        await it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);

        Assert.Equal([3], it.Time.Waits);
    }

    [Fact]
    public async Task A_service_that_is_away_for_a_time_is_left_alone_by_every_caller()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(503, "", ("Retry-After", "3")).Answers(200, EmptyPage);

        await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop));
        await it.Client.ListScheduledJobsAsync("mac-1", "mac", 50, null, Stop);

        Assert.Equal([3], it.Time.Waits);
    }

    [Fact]
    public async Task A_limit_used_up_for_long_is_reported_without_a_request()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, EmptyPage, ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "300"));

        await it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);
        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop));

        Assert.Equal((ApiErrorKind.RateLimited, TimeSpan.FromMinutes(5)), (error.Kind, error.RetryAfter));
        Assert.Single(it.Service.Requests);
        Assert.Single(it.Attempts);
    }
}
