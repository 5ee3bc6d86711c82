using MacRunners.Buildkite;

namespace MacRunners.Tests.Buildkite;

public sealed class CircuitBreakerTests
{
    private const string EmptyPage = """{"jobs":[]}""";
    private static readonly Guid Job = Guid.Parse("0190c5a4-0000-4000-8000-00000000000a");

    private static CancellationToken Stop => StacksClientFixture.Stop;

    private static Task<StacksClientFixture> StartAsync() => StacksClientFixture.StartAsync(endpoint => new BuildkiteClientOptions
    {
        Endpoint = endpoint,
        RequestTimeout = StacksClientFixture.AttemptLimit,
        BreakerMinimumAttempts = 3,
    });

    [Fact]
    public async Task After_many_failures_nothing_is_sent_until_the_break_is_over()
    {
        await using var it = await StartAsync();
        it.Service.Answers(500).HangsUp().Answers(503).AnswersAlways(200, EmptyPage);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<BuildkiteApiException>(() => ListAsync(it));
        }

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => ListAsync(it));

        Assert.Equal((ApiErrorKind.Unavailable, null), (error.Kind, error.StatusCode));
        Assert.Equal(TimeSpan.FromSeconds(15), error.RetryAfter);
        Assert.Equal(3, it.Service.Requests.Count);
        Assert.Equal(3, it.Attempts.Count);

        it.Time.Advance(TimeSpan.FromSeconds(15));
        await ListAsync(it);
        await ListAsync(it);
        Assert.Equal(5, it.Service.Requests.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_wall_clock_that_is_set_makes_the_break_neither_longer_nor_shorter(int days)
    {
        await using var it = await StartAsync();
        it.Service.Answers(500).Answers(500).Answers(500).AnswersAlways(200, EmptyPage);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<BuildkiteApiException>(() => ListAsync(it));
        }

        it.Time.SetForward = TimeSpan.FromDays(days);
        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => ListAsync(it));
        Assert.Equal(TimeSpan.FromSeconds(15), error.RetryAfter);
        it.Time.Advance(TimeSpan.FromSeconds(15));
        await ListAsync(it);

        Assert.Equal(4, it.Service.Requests.Count);
    }

    [Fact]
    public async Task A_failed_probe_opens_it_again()
    {
        await using var it = await StartAsync();
        it.Service.AnswersAlways(500);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<BuildkiteApiException>(() => ListAsync(it));
        }

        it.Time.Advance(TimeSpan.FromSeconds(15));
        await Assert.ThrowsAsync<BuildkiteApiException>(() => ListAsync(it));
        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => ListAsync(it));

        Assert.Equal(TimeSpan.FromSeconds(15), error.RetryAfter);
        Assert.Equal(4, it.Service.Requests.Count);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(422)]
    [InlineData(429)]
    public async Task Refusals_do_not_open_it(int status)
    {
        await using var it = await StartAsync();
        it.Service.AnswersAlways(status);
        for (var i = 0; i < 6; i++)
        {
            await Assert.ThrowsAsync<BuildkiteApiException>(() => ListAsync(it));
        }

        Assert.Equal(6, it.Service.Requests.Count);
    }

    [Fact]
    public async Task A_retried_call_outlasts_the_break()
    {
        await using var it = await StartAsync();
        it.Service.Answers(500).Answers(500).Answers(500).AnswersAlways(200, """{"states":{}}""");
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<BuildkiteApiException>(() => ListAsync(it));
        }

        await it.Client.GetJobStatesAsync("mac-1", [Job], Stop);

        Assert.Equal([15], it.Time.Waits);
        Assert.Equal(4, it.Service.Requests.Count);
    }

    private static Task<ScheduledJobsPage> ListAsync(StacksClientFixture it) =>
        it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);
}
