using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using MacRunners.Buildkite;
using Microsoft.AspNetCore.Http;

namespace MacRunners.Tests.Buildkite;

public sealed class ApiErrorTests
{
    private static readonly Guid Job = Guid.Parse("0190c5a4-0000-4000-8000-00000000000a");

    private static CancellationToken Stop => StacksClientFixture.Stop;

    [Theory]
    [InlineData(400, ApiErrorKind.Invalid)]
    [InlineData(401, ApiErrorKind.Unauthorized)]
    [InlineData(403, ApiErrorKind.Forbidden)]
    [InlineData(404, ApiErrorKind.NotFound)]
    [InlineData(409, ApiErrorKind.Invalid)]
    [InlineData(422, ApiErrorKind.Invalid)]
    [InlineData(429, ApiErrorKind.RateLimited)]
    [InlineData(500, ApiErrorKind.Unavailable)]
    [InlineData(503, ApiErrorKind.Unavailable)]
    public async Task Each_status_has_its_kind(int status, ApiErrorKind kind)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(status, """{"message":"The queue is on fire"}""");

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop));

        Assert.Equal((kind, (HttpStatusCode?)status, ApiOperation.ListScheduledJobs), (error.Kind, error.StatusCode, error.Operation));
        Assert.Equal("The queue is on fire", error.ServerMessage);
        Assert.StartsWith(
            $"Listing Buildkite's scheduled jobs failed at {it.Service.Endpoint}: {status} The queue is on fire. ", error.Message, StringComparison.Ordinal);
        Assert.Equal([new ApiAttempt(ApiOperation.ListScheduledJobs, (HttpStatusCode)status, kind, TimeSpan.Zero)], it.Attempts);
    }

    [Fact]
    public async Task A_full_stack_quota_says_what_to_do()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(403, """{"message":"Stack limit reached"}""");

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(
            () => it.Client.RegisterAsync(new StackRegistrationRequest("mac-1", "mac", new Dictionary<string, string>()), Stop));

        Assert.Contains("Stack limit reached", error.Message, StringComparison.Ordinal);
        Assert.Contains("quota", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>bad gateway</html>")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"message":5}""")]
    public async Task An_error_without_a_readable_message_is_named_by_its_status(string body)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(502, body);

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop));

        Assert.Null(error.ServerMessage);
        Assert.Contains("502 BadGateway", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_and_control_characters_in_the_services_message_are_taken_out_and_its_length_is_limited()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.ChangeToken("plain-token-without-prefix");
        it.Service.Answers(422, $$"""{"message":"no plain-token-without-prefix\n[1mforged\u2028\u202e bkjat_abc.def-g {{new string('x', 2000)}}"}""");

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop));

        Assert.StartsWith("no [token] ", error.ServerMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("plain-token", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("bkjat_", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.DoesNotContain('\u202e', error.Message);
        Assert.True(error.Message.Length < 900, error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("tökén")]
    public async Task A_token_that_cannot_be_one_is_not_sent(string token)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.ChangeToken(token);

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.WhoAmIAsync(Stop));

        Assert.Equal(ApiErrorKind.Unauthorized, error.Kind);
        Assert.Empty(it.Service.Requests);
        Assert.True(token.Length == 0 || !error.ToString().Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_changed_token_is_used_by_the_next_request()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(401, """{"message":"expired"}""").Answers(200, "{}");

        await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.WhoAmIAsync(Stop));
        it.ChangeToken("bkct_new");
        await it.Client.WhoAmIAsync(Stop);

        Assert.Equal(["Token " + StacksClientFixture.Token, "Token bkct_new"], it.Service.Requests.Select(r => r.Headers["Authorization"]));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await FakeService.StartAsync();
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(302, "", ("Location", $"{elsewhere.Endpoint}/token"));

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.WhoAmIAsync(Stop));

        Assert.Equal((ApiErrorKind.Invalid, HttpStatusCode.Redirect), (error.Kind, error.StatusCode));
        Assert.Contains("Redirects are not followed", error.Message, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("<html>welcome to the hotel</html>")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"jobs":null}""")]
    [InlineData("""{"jobs":{}}""")]
    [InlineData("""{"jobs":[{"id":5}]}""")]
    [InlineData("""{"jobs":[{"id":"x","priority":"high"}]}""")]
    [InlineData("""{"jobs":[],"cluster_queue":{"dispatch_paused":"no"}}""")]
    [InlineData("""{"jobs":[],"page_info":[]}""")]
    public async Task A_page_of_the_wrong_shape_is_malformed(string body)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, body);

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop));

        Assert.Equal((ApiErrorKind.Malformed, HttpStatusCode.OK), (error.Kind, error.StatusCode));
        Assert.Equal("malformed", Assert.Single(it.Attempts).Outcome);
    }

    public static TheoryData<string, string> MalformedAnswers => new()
    {
        { "register", """{"key":"mac-1"}""" },
        { "register", """{"key":"mac-1","cluster_queue_key":null}""" },
        { "reserve", """{"not_reserved":[]}""" },
        { "reserve", """{"reserved":"all"}""" },
        { "tokens", """{"not_issued":[]}""" },
        { "tokens", """{"job_acquisition_tokens":[{"job_uuid":"x","job_acquisition_token":{}}]}""" },
        { "job", """{"command":"x"}""" },
        { "job", """{"env":{"A":1}}""" },
        { "states", "{}" },
        { "states", """{"states":["running"]}""" },
        { "notify", """{"errors":{}}""" },
        { "who", """{"cluster_uuid":7}""" },
    };

    [Theory]
    [MemberData(nameof(MalformedAnswers))]
    public async Task A_wrong_answer_is_malformed_and_not_repeated(string call, string body)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, body);

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => call switch
        {
            "register" => it.Client.RegisterAsync(new StackRegistrationRequest("mac-1", "mac", new Dictionary<string, string>()), Stop),
            "reserve" => it.Client.ReserveAsync("mac-1", [Job], TimeSpan.FromMinutes(1), Stop),
            "tokens" => it.Client.IssueAcquisitionTokensAsync("mac-1", [Job], TimeSpan.FromMinutes(1), Stop),
            "job" => it.Client.GetJobAsync("mac-1", Job, Stop),
            "states" => it.Client.GetJobStatesAsync("mac-1", [Job], Stop),
            "notify" => it.Client.NotifyAsync("mac-1", [new JobNotification(Job, "x")], Stop),
            "who" => (Task)it.Client.WhoAmIAsync(Stop),
            _ => throw new ArgumentOutOfRangeException(nameof(call)),
        });

        Assert.Equal(ApiErrorKind.Malformed, error.Kind);
        Assert.Single(it.Service.Requests);
    }

    [Fact]
    public async Task Content_of_a_malformed_answer_stays_out_of_the_message()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(201, """{"job_acquisition_tokens":[{"job_uuid":"x","job_acquisition_token":["bkjat_leak"]}]}""");

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(
            () => it.Client.IssueAcquisitionTokensAsync("mac-1", [Job], TimeSpan.FromMinutes(1), Stop));

        Assert.DoesNotContain("bkjat_leak", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endless_answer_is_cut_off()
    {
        await using var it = await StacksClientFixture.StartAsync(
            endpoint => new BuildkiteClientOptions { Endpoint = endpoint, RequestTimeout = StacksClientFixture.AttemptLimit, MaxResponseBytes = 100_000 });
        it.Service.Answers(async context =>
        {
            var chunk = new byte[8192];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }
        });

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.WhoAmIAsync(Stop));

        Assert.Equal(ApiErrorKind.Malformed, error.Kind);
        Assert.Contains("larger than 100000 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_small_answer_that_unpacks_to_a_huge_one_is_cut_off()
    {
        await using var it = await StacksClientFixture.StartAsync(
            endpoint => new BuildkiteClientOptions { Endpoint = endpoint, RequestTimeout = StacksClientFixture.AttemptLimit, MaxResponseBytes = 100_000 });
        it.Service.Answers(async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Optimal);
            await gzip.WriteAsync(new byte[1_000_000], context.RequestAborted);
        });

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.WhoAmIAsync(Stop));

        Assert.Contains("larger than 100000 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_packed_answer_is_unpacked_and_a_broken_one_is_malformed()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Optimal);
            await gzip.WriteAsync("""{"cluster_uuid":"c"}"""u8.ToArray(), context.RequestAborted);
        }).Answers(200, "no gzip at all", ("Content-Encoding", "gzip"));

        Assert.Equal("c", (await it.Client.WhoAmIAsync(Stop)).ClusterId);
        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.WhoAmIAsync(Stop));
        Assert.Equal(ApiErrorKind.Malformed, error.Kind);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_a_network_error()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.HangsUp().Answers(async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("{", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        });

        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop));
            Assert.Equal((ApiErrorKind.Network, null), (error.Kind, error.StatusCode));
        }

        Assert.Equal(["network", "network"], it.Attempts.Select(a => a.Outcome));
    }

    [Fact]
    public async Task A_refused_connection_is_a_network_error_that_names_the_address()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var endpoint = new Uri($"http://{listener.LocalEndpoint}/v3");
        listener.Stop();
        await using var it = await StacksClientFixture.StartAsync(
            _ => new BuildkiteClientOptions { Endpoint = endpoint, RequestTimeout = StacksClientFixture.AttemptLimit });

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop));

        Assert.Equal(ApiErrorKind.Network, error.Kind);
        Assert.Contains(endpoint.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("refused", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_answer_that_takes_too_long_times_out()
    {
        await using var it = await StacksClientFixture.StartAsync();
        var arrived = new TaskCompletionSource();
        it.Service.StaysSilent(arrived);

        var call = it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);
        await arrived.Task.WaitAsync(Stop);
        it.Time.Advance(StacksClientFixture.AttemptLimit - TimeSpan.FromTicks(1));
        Assert.False(call.IsCompleted);
        it.Time.Advance(TimeSpan.FromTicks(1));

        var error = await Assert.ThrowsAsync<BuildkiteApiException>(() => call);
        Assert.Equal(ApiErrorKind.TimedOut, error.Kind);
        Assert.Contains("29 s", error.Message, StringComparison.Ordinal);
        Assert.Equal([new ApiAttempt(ApiOperation.ListScheduledJobs, null, ApiErrorKind.TimedOut, StacksClientFixture.AttemptLimit)], it.Attempts);
    }

    [Fact]
    public async Task An_answer_that_stalls_half_way_times_out()
    {
        await using var it = await StacksClientFixture.StartAsync();
        var started = new TaskCompletionSource();
        it.Service.Answers(async context =>
        {
            await context.Response.WriteAsync("{", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });

        var call = it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop);
        await started.Task.WaitAsync(Stop);
        it.Time.Advance(StacksClientFixture.AttemptLimit);

        Assert.Equal(ApiErrorKind.TimedOut, (await Assert.ThrowsAsync<BuildkiteApiException>(() => call)).Kind);
    }

    [Fact]
    public async Task The_callers_cancellation_is_no_error_of_the_service_and_is_not_repeated()
    {
        await using var it = await StacksClientFixture.StartAsync();
        var arrived = new TaskCompletionSource();
        it.Service.StaysSilent(arrived);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        var call = it.Client.FinishJobAsync("mac-1", Job, -1, "x", cancel.Token);
        await arrived.Task.WaitAsync(Stop);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Single(it.Service.Requests);
        Assert.Empty(it.Attempts);
    }

    [Theory]
    [InlineData("http://agent.buildkite.com/v3")]
    [InlineData("https://user:pass@agent.buildkite.com/v3")]
    [InlineData("https://agent.buildkite.com/v3?a=b")]
    [InlineData("ftp://agent.buildkite.com/v3")]
    [InlineData("/v3")]
    public void An_endpoint_that_would_leak_the_token_is_refused(string endpoint)
    {
        var options = new BuildkiteClientOptions { Endpoint = new Uri(endpoint, UriKind.RelativeOrAbsolute) };
        Assert.Throws<ArgumentException>(options.Validate);
    }

    [Theory]
    [InlineData("https://agent.buildkite.com/v3")]
    [InlineData("http://127.0.0.1:1234/v3")]
    [InlineData("http://[::1]:1234/v3")]
    [InlineData("http://localhost:1234/v3/")]
    public void A_safe_endpoint_is_accepted(string endpoint) => new BuildkiteClientOptions { Endpoint = new Uri(endpoint) }.Validate();
}
