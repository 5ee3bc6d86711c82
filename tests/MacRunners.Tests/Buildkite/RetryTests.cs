using System.Net;
using System.Net.Sockets;
using MacRunners.Buildkite;

namespace MacRunners.Tests.Buildkite;

public sealed class RetryTests
{
    private const string Ok = """{"states":{}}""";
    private static readonly Guid Job = Guid.Parse("0190c5a4-0000-4000-8000-00000000000a");

    private static CancellationToken Stop => StacksClientFixture.Stop;

    [Fact]
    public async Task A_call_is_tried_five_times_with_growing_waits()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.AnswersAlways(500, """{"message":"oops"}""");

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.GetJobStatesAsync("mac-1", [Job], Stop));

        Assert.Equal((ApiErrorKind.Unavailable, HttpStatusCode.InternalServerError), (error.Kind, error.StatusCode));
        Assert.Equal([1, 2, 4, 8], it.Time.Waits);
        Assert.Equal(5, it.Service.Requests.Count);
        Assert.Equal(Enumerable.Repeat("500", 5), it.Attempts.Select(a => a.Outcome));
    }

    [Fact]
    public async Task The_waits_have_a_random_part()
    {
        await using var it = await StacksClientFixture.StartAsync(jitter: 0.5);
        it.Service.Answers(500).Answers(500).Answers(200, Ok);

        await it.Client.GetJobStatesAsync("mac-1", [Job], Stop);

        Assert.Equal([1.5, 2.5], it.Time.Waits);
    }

    [Fact]
    public async Task Growing_waits_end_at_the_longest_allowed()
    {
        await using var it = await StacksClientFixture.StartAsync(endpoint => new BuildkiteClientOptions
        {
            Endpoint = endpoint,
            RequestTimeout = StacksClientFixture.AttemptLimit,
            MaxRetryDelay = TimeSpan.FromSeconds(3),
        });
        it.Service.AnswersAlways(500);

        await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.GetJobStatesAsync("mac-1", [Job], Stop));

        Assert.Equal([1, 2, 3, 3], it.Time.Waits);
    }

    [Fact]
    public async Task Broken_connections_are_repeated()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.HangsUp().HangsUp().Answers(200, Ok);

        await it.Client.GetJobStatesAsync("mac-1", [Job], Stop);

        Assert.Equal(["network", "network", "200"], it.Attempts.Select(a => a.Outcome));
        Assert.Equal([1, 2], it.Time.Waits);
    }

    [Fact]
    public async Task An_attempt_that_timed_out_is_repeated()
    {
        await using var it = await StacksClientFixture.StartAsync();
        var arrived = new TaskCompletionSource();
        it.Service.StaysSilent(arrived).Answers(200, Ok);

        var call = it.Client.GetJobStatesAsync("mac-1", [Job], Stop);
        await arrived.Task.WaitAsync(Stop);
        it.Time.Advance(StacksClientFixture.AttemptLimit);
        await call;

        Assert.Equal(["timed_out", "200"], it.Attempts.Select(a => a.Outcome));
        Assert.Equal([1], it.Time.Waits);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(422)]
    public async Task Other_refusals_are_final(int status)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(status);

        await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.FinishJobAsync("mac-1", Job, -1, "x", Stop));

        Assert.Single(it.Service.Requests);
        Assert.Empty(it.Time.Waits);
    }

    [Theory]
    [InlineData("3", 3)]
    [InlineData("0.25", 0.25)]
    [InlineData("0", 0)]
    [InlineData("Tue, 24 Nov 2026 12:00:20 GMT", 20)]
    [InlineData("Tue, 24 Nov 2026 11:00:00 GMT", 0)]
    [InlineData("soon", 1)]
    [InlineData("-5", 1)]
    [InlineData("NaN", 1)]
    public async Task Retry_after_is_obeyed_in_all_its_forms(string header, double wait)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(503, "", ("Retry-After", header)).Answers(200, Ok);

        await it.Client.GetJobStatesAsync("mac-1", [Job], Stop);

        Assert.Equal(wait, it.Time.Waits.Sum());
    }

    [Fact]
    public async Task A_rate_limit_without_retry_after_waits_for_its_reset()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(429, "", ("RateLimit-Reset", "0.7"), ("RateLimit-Remaining", "0")).Answers(200, Ok);

        await it.Client.GetJobStatesAsync("mac-1", [Job], Stop);

        Assert.Equal([0.7], it.Time.Waits);
    }

    [Fact]
    public async Task Retry_after_goes_before_the_reset()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(429, "", ("Retry-After", "2"), ("RateLimit-Reset", "9"), ("RateLimit-Remaining", "0")).Answers(200, Ok);

        await it.Client.GetJobStatesAsync("mac-1", [Job], Stop);

        Assert.Equal([2], it.Time.Waits);
    }

    [Fact]
    public async Task A_longer_wait_than_a_call_may_take_is_left_to_the_caller()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(503, "", ("Retry-After", "3600"));

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.GetJobStatesAsync("mac-1", [Job], Stop));

        Assert.Equal(TimeSpan.FromHours(1), error.RetryAfter);
        Assert.Empty(it.Time.Waits);
    }

    [Fact]
    public async Task Listing_and_reserving_are_not_repeated_but_report_the_wait()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(429, "", ("Retry-After", "2.5")).Answers(503, "", ("Retry-After", "7"));

        var list = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop));
        var reserve = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.ReserveAsync("mac-1", [Job], TimeSpan.FromMinutes(1), Stop));

        Assert.Equal((ApiErrorKind.RateLimited, TimeSpan.FromSeconds(2.5)), (list.Kind, list.RetryAfter));
        Assert.Equal((ApiErrorKind.Unavailable, TimeSpan.FromSeconds(7)), (reserve.Kind, reserve.RetryAfter));
        Assert.Equal(2, it.Service.Requests.Count);
        Assert.Empty(it.Time.Waits);
    }

    [Fact]
    public async Task Deregistering_gives_up_soon()
    {
        await using var it = await StacksClientFixture.StartAsync(attemptLimit: StacksClientFixture.HastyLimit);
        it.Service.AnswersAlways(500);

        await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.DeregisterAsync("mac-1", Stop));

        Assert.Equal([0.5], it.Time.Waits);
        Assert.Equal(2, it.Service.Requests.Count);
    }

    [Fact]
    public async Task Deregistering_has_a_short_time_limit()
    {
        await using var it = await StacksClientFixture.StartAsync(attemptLimit: StacksClientFixture.HastyLimit);
        var arrived = new TaskCompletionSource();
        it.Service.StaysSilent(arrived).Answers(204);

        var call = it.Client.DeregisterAsync("mac-1", Stop);
        await arrived.Task.WaitAsync(Stop);
        it.Time.Advance(StacksClientFixture.HastyLimit);
        await call;

        Assert.Equal(["timed_out", "204"], it.Attempts.Select(a => a.Outcome));
    }

    [Fact]
    public async Task A_stack_found_gone_after_a_lost_answer_is_deregistered()
    {
        await using var it = await StacksClientFixture.StartAsync(attemptLimit: StacksClientFixture.HastyLimit);
        it.Service.HangsUp().Answers(404);
        await it.Client.DeregisterAsync("mac-1", Stop);
        Assert.Equal(2, it.Service.Requests.Count);
    }

    [Fact]
    public async Task Already_finished_after_a_lost_answer_is_finished()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.HangsUp().Answers(422, """{"message":"already finished"}""");

        await it.Client.FinishJobAsync("mac-1", Job, -1, "x", Stop);

        Assert.Equal(2, it.Service.Requests.Count);
    }

    [Fact]
    public async Task Already_finished_after_a_server_error_is_finished()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(500).Answers(429).Answers(422);
        await it.Client.FinishJobAsync("mac-1", Job, -1, "x", Stop);
        Assert.Equal(3, it.Service.Requests.Count);
    }

    [Fact]
    public async Task Already_finished_is_an_error_when_no_earlier_attempt_can_have_done_it()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(429, "", ("Retry-After", "1")).Answers(422, """{"message":"already finished"}""");

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.FinishJobAsync("mac-1", Job, -1, "x", Stop));

        Assert.Equal(ApiErrorKind.Invalid, error.Kind);
        Assert.Equal(2, it.Service.Requests.Count);
    }

    [Fact]
    public async Task Already_finished_is_an_error_when_the_earlier_attempt_found_no_connection()
    {
        await using var service = await FakeService.StartAsync();
        service.Answers(422);
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, stop) =>
            {
                if (++connections == 1)
                {
                    throw new SocketException((int)SocketError.ConnectionRefused);
                }

                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var options = new BuildkiteClientOptions { Endpoint = service.Endpoint, RequestTimeout = StacksClientFixture.AttemptLimit };
        using var client = new StacksClient(
            options, new FixedToken(), new EagerTime(StacksClientFixture.AttemptLimit), null, handler, ownsHandler: false, () => 0);

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => client.FinishJobAsync("mac-1", Job, -1, "x", Stop));

        Assert.Equal((ApiErrorKind.Invalid, 2), (error.Kind, connections));
    }

    [Fact]
    public async Task Cancelling_ends_a_wait_between_attempts()
    {
        await using var service = await FakeService.StartAsync();
        service.AnswersAlways(500);
        var waiting = new TaskCompletionSource();
        var time = new SignallingTime(TimeSpan.FromSeconds(1), waiting);
        using var handler = ApiConnections.Create();
        using var client = new StacksClient(
            new BuildkiteClientOptions { Endpoint = service.Endpoint }, new FixedToken(), time, null, handler, ownsHandler: false, () => 0);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        var call = client.FinishJobAsync("mac-1", Job, -1, "x", cancel.Token);
        await waiting.Task.WaitAsync(Stop);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Single(service.Requests);
    }
}
