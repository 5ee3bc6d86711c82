using MacRunners.Buildkite;

namespace MacRunners.Tests.Buildkite;

public sealed class WireFormatTests
{
    private const string JobText = "0190c5a4-0000-4000-8000-00000000000a";
    private const string OtherText = "0190c5a4-0000-4000-8000-00000000000b";
    private static readonly Guid Job = Guid.Parse(JobText);
    private static readonly Guid Other = Guid.Parse(OtherText);

    private static CancellationToken Stop => StacksClientFixture.Stop;

    [Fact]
    public async Task Every_request_carries_the_token_and_says_who_asks()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, """{"reserved":[],"not_reserved":[]}""");

        await it.Client.ReserveAsync("mac-1", [Job], TimeSpan.FromMinutes(5), Stop);

        var headers = Assert.Single(it.Service.Requests).Headers;
        Assert.Equal($"Token {StacksClientFixture.Token}", headers["Authorization"]);
        Assert.Equal("application/json", headers["Accept"]);
        Assert.Equal("application/json", headers["Content-Type"]);
        Assert.Matches(@"^macrunners/\d+\.\d+\.\d+(-[\w.]+)?$", headers["User-Agent"]);
        Assert.DoesNotContain("traceparent", headers.Keys);
    }

    [Fact]
    public async Task Register_sends_the_stack_and_reads_the_real_queue()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(201, """
            {"id":"s-1","organization_uuid":"o-1","key":"mac-1","type":"custom","cluster_queue_key":"mac","metadata":{"host":"m1"},
             "last_connected_on":"2026-11-24T10:00:00Z","state":"connected","something_new":{"a":[1]}}
            """);

        var stack = await it.Client.RegisterAsync(
            new StackRegistrationRequest("mac-1", StackRegistrationRequest.DefaultQueue, new Dictionary<string, string> { ["host"] = "m1" }), Stop);

        var request = Assert.Single(it.Service.Requests);
        Assert.Equal("POST /v3/stacks/register", request.Line);
        Assert.Equal("""{"key":"mac-1","type":"custom","queue_key":"__default__","metadata":{"host":"m1"}}""", request.Body);
        Assert.Equal(("s-1", "o-1", "mac-1", "custom", "mac"), (stack.Id, stack.OrganizationId, stack.Key, stack.Type, stack.ClusterQueueKey));
        Assert.Equal("m1", stack.Metadata["host"]);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero), stack.LastConnectedOn);
        Assert.Equal("connected", stack.State);
    }

    [Fact]
    public async Task Register_sends_empty_metadata_as_an_object_and_tolerates_nulls_in_the_answer()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, """{"key":"mac-1","cluster_queue_key":"mac","metadata":null,"last_connected_on":null}""");

        var stack = await it.Client.RegisterAsync(new StackRegistrationRequest("mac-1", "mac", new Dictionary<string, string>()), Stop);

        Assert.Contains("\"metadata\":{}", Assert.Single(it.Service.Requests).Body, StringComparison.Ordinal);
        Assert.Empty(stack.Metadata);
        Assert.Null(stack.LastConnectedOn);
    }

    [Theory]
    [InlineData("")]
    [InlineData("mac 1")]
    [InlineData("mac/1")]
    [InlineData("mäc")]
    public async Task A_stack_key_the_service_would_refuse_is_not_sent(string key)
    {
        await using var it = await StacksClientFixture.StartAsync();
        await Assert.ThrowsAsync<ArgumentException>(
            () => it.Client.RegisterAsync(new StackRegistrationRequest(key, "mac", new Dictionary<string, string>()), Stop));
        Assert.Empty(it.Service.Requests);
    }

    [Fact]
    public async Task Metadata_beyond_the_limits_is_not_sent()
    {
        await using var it = await StacksClientFixture.StartAsync();
        Dictionary<string, string>[] bad =
        [
            Enumerable.Range(0, 101).ToDictionary(i => $"k{i}", _ => ""),
            new() { [new string('k', 65)] = "" },
            new() { ["k"] = new string('v', 257) },
        ];
        foreach (var metadata in bad)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => it.Client.RegisterAsync(new StackRegistrationRequest("mac-1", "mac", metadata), Stop));
        }

        Assert.Empty(it.Service.Requests);
    }

    [Fact]
    public async Task Deregister_posts_without_a_body()
    {
        await using var it = await StacksClientFixture.StartAsync(attemptLimit: StacksClientFixture.HastyLimit);
        it.Service.Answers(204);

        await it.Client.DeregisterAsync("mac-1", Stop);

        var request = Assert.Single(it.Service.Requests);
        Assert.Equal("POST /v3/stacks/mac-1/deregister", request.Line);
        Assert.Equal("", request.Body);
        Assert.Equal("0", request.Headers["Content-Length"]);
    }

    [Fact]
    public async Task List_reads_a_page()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, $$$"""
            {"jobs":[{"id":"{{{JobText}}}","priority":-3,"agent_query_rules":["queue=mac","os=macos"],"scheduled_at":"2026-11-24T11:59:00.123Z",
              "pipeline":{"slug":"app","uuid":"p"},"build":{"number":42,"branch":"main","uuid":"b"},"step":{"key":"test"},"extra":1}],
             "page_info":{"has_next_page":true,"end_cursor":"abc="},"cluster_queue":{"id":"q","dispatch_paused":false}}
            """);

        var page = await it.Client.ListScheduledJobsAsync("mac-1", "mac", 50, null, Stop);

        Assert.Equal("GET /v3/stacks/mac-1/scheduled-jobs?queue_key=mac&limit=50", Assert.Single(it.Service.Requests).Line);
        var job = Assert.Single(page.Jobs);
        Assert.Equal((Job, -3, "app", 42L, "main", "test"), (job.Id, job.Priority, job.PipelineSlug, job.BuildNumber, job.Branch, job.StepKey));
        Assert.Equal(["queue=mac", "os=macos"], job.AgentQueryRules);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 11, 59, 0, 123, TimeSpan.Zero), job.ScheduledAt);
        Assert.Equal((true, "abc=", false), (page.HasNextPage, page.EndCursor, page.DispatchPaused));
        Assert.Empty(page.Rejected);
    }

    [Fact]
    public async Task List_escapes_the_queue_and_the_cursor()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, """{"jobs":[]}""");

        await it.Client.ListScheduledJobsAsync("mac-1", "a&b", 1, "x+/=", Stop);

        Assert.Equal(
            "GET /v3/stacks/mac-1/scheduled-jobs?queue_key=a%26b&limit=1&after=x%2B%2F%3D", Assert.Single(it.Service.Requests).Line);
    }

    [Fact]
    public async Task List_tolerates_whatever_may_be_null()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, $$$"""
            {"jobs":[{"id":"{{{JobText}}}","priority":null,"agent_query_rules":["a=b",null],"scheduled_at":"soon","pipeline":{"slug":null},
              "build":{"number":null,"branch":null},"step":null},{"id":"{{{OtherText}}}"}],
             "page_info":{"has_next_page":false,"end_cursor":null},"cluster_queue":null}
            """);

        var page = await it.Client.ListScheduledJobsAsync("mac-1", "mac", 50, null, Stop);

        Assert.Equal([Job, Other], page.Jobs.Select(j => j.Id));
        var job = page.Jobs[0];
        Assert.Equal((0, null, null, null, null, null), (job.Priority, job.ScheduledAt, job.PipelineSlug, job.BuildNumber, job.Branch, job.StepKey));
        Assert.Equal(["a=b", ""], job.AgentQueryRules);
        Assert.Empty(page.Jobs[1].AgentQueryRules);
        Assert.Equal((false, null, false), (page.HasNextPage, page.EndCursor, page.DispatchPaused));
    }

    [Fact]
    public async Task List_sets_ids_that_are_no_uuids_apart_and_keeps_the_rest()
    {
        string[] bad =
        [
            "", "../../etc", $" {JobText}"[..36], JobText.ToUpperInvariant() + "0", "{" + JobText[..35], "0190c5a4000040008000000000000000",
            "+190c5a4-0000-4000-8000-00000000000a", "0x90c5a4-0000-4000-8000-00000000000a", "0190c5a4-0000-4000-8000-00000000000\n",
        ];
        await using var it = await StacksClientFixture.StartAsync();
        var entries = string.Join(',', bad.Append(JobText).Select(id => $$"""{"id":{{System.Text.Json.JsonSerializer.Serialize(id)}}}"""));
        it.Service.Answers(200, $$"""{"jobs":[{{entries}},{"id":null},null]}""");

        var page = await it.Client.ListScheduledJobsAsync("mac-1", "mac", 50, null, Stop);

        Assert.Equal(Job, Assert.Single(page.Jobs).Id);
        Assert.Equal([.. bad, "", ""], page.Rejected);
    }

    [Theory]
    [InlineData("""{"dispatch_paused":true}""", true)]
    [InlineData("""{"paused":true}""", true)]
    [InlineData("""{"dispatch_paused":false,"paused":true}""", true)]
    [InlineData("""{"dispatch_paused":true,"paused":false}""", true)]
    [InlineData("""{"dispatch_paused":false,"paused":null}""", false)]
    [InlineData("""{}""", false)]
    public async Task A_queue_is_paused_under_either_name(string queue, bool paused)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, $$$"""{"jobs":[],"cluster_queue":{{{queue}}}}""");
        Assert.Equal(paused, (await it.Client.ListScheduledJobsAsync("mac-1", "mac", 1, null, Stop)).DispatchPaused);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task List_refuses_a_limit_out_of_range(int limit)
    {
        await using var it = await StacksClientFixture.StartAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => it.Client.ListScheduledJobsAsync("mac-1", "mac", limit, null, Stop));
    }

    [Fact]
    public async Task Reserve_sends_each_job_once_and_the_expiry_in_whole_seconds()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, $$"""{"reserved":["{{JobText}}"],"not_reserved":["{{OtherText}}"]}""");

        var reservation = await it.Client.ReserveAsync("mac-1", [Job, Other, Job], TimeSpan.FromSeconds(299.5), Stop);

        var request = Assert.Single(it.Service.Requests);
        Assert.Equal("PUT /v3/stacks/mac-1/scheduled-jobs/batch-reserve", request.Line);
        Assert.Equal($$"""{"job_uuids":["{{JobText}}","{{OtherText}}"],"reservation_expiry_seconds":300}""", request.Body);
        Assert.Equal([Job], reservation.Reserved);
        Assert.Equal([Other], reservation.NotReserved);
    }

    [Theory]
    [InlineData("""{"reserved":[]}""")]
    [InlineData("""{"reserved":["0190c5a4-0000-4000-8000-0000000000ff",null,"nonsense"],"not_reserved":null}""")]
    [InlineData("""{"reserved":["0190c5a4-0000-4000-8000-00000000000a"],"not_reserved":["0190c5a4-0000-4000-8000-00000000000a"]}""")]
    public async Task A_job_not_clearly_reserved_is_not_reserved(string answer)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, answer);

        var reservation = await it.Client.ReserveAsync("mac-1", [Job], TimeSpan.FromMinutes(5), Stop);

        Assert.Empty(reservation.Reserved);
        Assert.Equal([Job], reservation.NotReserved);
    }

    [Fact]
    public async Task Issue_tokens_reads_tokens_and_refusals()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(201, $$"""
            {"job_acquisition_tokens":[{"job_uuid":"{{JobText}}","job_acquisition_token":"bkjat_x.y.z","expires_at":"2026-11-24T12:05:00Z"}],
             "not_issued":["{{OtherText}}"]}
            """);

        var tokens = await it.Client.IssueAcquisitionTokensAsync("mac-1", [Job, Other], TimeSpan.FromMinutes(5), Stop);

        var request = Assert.Single(it.Service.Requests);
        Assert.Equal("POST /v3/stacks/mac-1/job-acquisition-tokens", request.Line);
        Assert.Equal($$"""{"job_uuids":["{{JobText}}","{{OtherText}}"],"token_lifetime_seconds":300}""", request.Body);
        Assert.Equal([new AcquisitionToken(Job, "bkjat_x.y.z", new DateTimeOffset(2026, 11, 24, 12, 5, 0, TimeSpan.Zero))], tokens.Issued);
        Assert.Equal([Other], tokens.NotIssued);
        Assert.DoesNotContain("bkjat_", $"{tokens} {tokens.Issued[0]}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"job_acquisition_tokens":[]}""")]
    [InlineData("""{"job_acquisition_tokens":[null,{"job_uuid":"0190c5a4-0000-4000-8000-00000000000a","job_acquisition_token":""}]}""")]
    [InlineData("""{"job_acquisition_tokens":[{"job_uuid":"0190c5a4-0000-4000-8000-0000000000ff","job_acquisition_token":"bkjat_x"}]}""")]
    [InlineData("""
        {"job_acquisition_tokens":[{"job_uuid":"0190c5a4-0000-4000-8000-00000000000a","job_acquisition_token":"bkjat_x"}],
         "not_issued":["0190c5a4-0000-4000-8000-00000000000a"]}
        """)]
    public async Task A_job_without_a_clear_token_has_none(string answer)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(201, answer);

        var tokens = await it.Client.IssueAcquisitionTokensAsync("mac-1", [Job], TimeSpan.FromMinutes(5), Stop);

        Assert.Empty(tokens.Issued);
        Assert.Equal([Job], tokens.NotIssued);
    }

    [Fact]
    public async Task Job_detail_has_environment_and_command_and_keeps_them_out_of_logs()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, $$"""{"id":"{{JobText}}","env":{"A":"ü","B":null},"command":"make secret"}""");

        var job = await it.Client.GetJobAsync("mac-1", Job, Stop);

        Assert.Equal($"GET /v3/stacks/mac-1/jobs/{JobText}", Assert.Single(it.Service.Requests).Line);
        Assert.Equal(("ü", "", "make secret"), (job.Env["A"], job.Env["B"], job.Command));
        Assert.DoesNotContain("secret", job.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_states_leave_unknown_jobs_out_and_keep_unknown_states()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, $$$"""{"states":{"{{{JobText}}}":"levitating"}}""");

        var states = await it.Client.GetJobStatesAsync("mac-1", [Job, Other], Stop);

        var request = Assert.Single(it.Service.Requests);
        Assert.Equal("POST /v3/stacks/mac-1/jobs/get-states", request.Line);
        Assert.Equal($$"""{"job_uuids":["{{JobText}}","{{OtherText}}"]}""", request.Body);
        Assert.Equal(new JobState("levitating"), states[Job]);
        Assert.False(states.ContainsKey(Other));
    }

    [Fact]
    public async Task States_of_more_than_a_thousand_jobs_are_asked_for_in_parts()
    {
        await using var it = await StacksClientFixture.StartAsync();
        var jobs = Enumerable.Range(0, 1001).Select(_ => Guid.NewGuid()).ToList();
        it.Service.Answers(200, $$$"""{"states":{"{{{jobs[0]}}}":"reserved"}}""").Answers(200, $$$"""{"states":{"{{{jobs[1000]}}}":"running"}}""");

        var states = await it.Client.GetJobStatesAsync("mac-1", jobs, Stop);

        Assert.Equal(
            [1000, 1], it.Service.Requests.Select(r => System.Text.Json.JsonDocument.Parse(r.Body).RootElement.GetProperty("job_uuids").GetArrayLength()));
        Assert.Equal([JobState.Reserved, JobState.Running], [states[jobs[0]], states[jobs[1000]]]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Finish_always_sends_the_exit_status(int status)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200);

        await it.Client.FinishJobAsync("mac-1", Job, status, "No account could be made.", Stop);

        var request = Assert.Single(it.Service.Requests);
        Assert.Equal($"POST /v3/stacks/mac-1/jobs/{JobText}/finish", request.Line);
        Assert.Equal($$"""{"exit_status":{{status}},"detail":"No account could be made."}""", request.Body);
    }

    [Fact]
    public async Task Finish_crops_the_detail_by_bytes_between_characters()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200);

        await it.Client.FinishJobAsync("mac-1", Job, -1, "x" + new string('€', 2000), Stop);

        var detail = System.Text.Json.JsonDocument.Parse(it.Service.Requests[0].Body).RootElement.GetProperty("detail").GetString()!;
        // 1 byte, 1364 times 3 bytes and the ellipsis of 3 bytes: 4096.
        Assert.Equal("x" + new string('€', 1364) + "…", detail);
        Assert.Equal(4096, System.Text.Encoding.UTF8.GetByteCount(detail));
    }

    [Fact]
    public async Task Notify_crops_details_and_returns_what_was_not_stored()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, """{"errors":[{"error":"job finished","indexes":[1]},null,{"error":null}]}""");

        var errors = await it.Client.NotifyAsync("mac-1", [new(Job, "Waiting."), new(Other, new string('y', 300))], Stop);

        var request = Assert.Single(it.Service.Requests);
        Assert.Equal("POST /v3/stacks/mac-1/notifications", request.Line);
        var cropped = new string('y', 255) + "…";
        var sent = System.Text.Json.JsonDocument.Parse(request.Body).RootElement.GetProperty("notifications");
        Assert.Equal([JobText, OtherText], sent.EnumerateArray().Select(n => n.GetProperty("job_uuid").GetString()));
        Assert.Equal(["Waiting.", cropped], sent.EnumerateArray().Select(n => n.GetProperty("detail").GetString()));
        Assert.All(sent.EnumerateArray(), n => Assert.Equal(2, n.EnumerateObject().Count()));
        Assert.Equal(2, errors.Count);
        Assert.Equal("job finished", errors[0].Error);
        Assert.Equal([1], errors[0].Indexes);
        Assert.Empty(errors[1].Indexes);
    }

    [Fact]
    public async Task Who_am_i_reads_the_cluster()
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, """
            {"uuid":"t","description":"d","token_type":"cluster","organization_slug":"acme","organization_uuid":"o","cluster_uuid":"c",
             "cluster_name":"Macs","organization_queue_uuid":null,"organization_queue_key":"mac"}
            """);

        var info = await it.Client.WhoAmIAsync(Stop);

        Assert.Equal("GET /v3/token", Assert.Single(it.Service.Requests).Line);
        Assert.Equal(new TokenInfo("t", "d", "cluster", "acme", "o", "c", "Macs", null, "mac"), info);
    }

    [Fact]
    public async Task More_than_a_thousand_jobs_are_refused_where_parts_would_change_the_meaning()
    {
        await using var it = await StacksClientFixture.StartAsync();
        var jobs = Enumerable.Range(0, 1001).Select(_ => Guid.NewGuid()).ToList();
        var notes = jobs.Select(j => new JobNotification(j, "x")).ToList();

        await Assert.ThrowsAsync<ArgumentException>(() => it.Client.ReserveAsync("mac-1", jobs, TimeSpan.FromMinutes(1), Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => it.Client.IssueAcquisitionTokensAsync("mac-1", jobs, TimeSpan.FromMinutes(1), Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => it.Client.NotifyAsync("mac-1", notes, Stop));
        Assert.Empty(it.Service.Requests);
    }

    [Fact]
    public async Task Nothing_to_ask_is_not_asked()
    {
        await using var it = await StacksClientFixture.StartAsync();

        Assert.Empty((await it.Client.ReserveAsync("mac-1", [], TimeSpan.FromMinutes(1), Stop)).Reserved);
        Assert.Empty((await it.Client.IssueAcquisitionTokensAsync("mac-1", [], TimeSpan.FromMinutes(1), Stop)).Issued);
        Assert.Empty(await it.Client.GetJobStatesAsync("mac-1", [], Stop));
        Assert.Empty(await it.Client.NotifyAsync("mac-1", [], Stop));
        Assert.Empty(it.Service.Requests);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(3601)]
    public async Task A_term_the_service_would_refuse_is_not_sent(double seconds)
    {
        await using var it = await StacksClientFixture.StartAsync();
        var term = TimeSpan.FromSeconds(seconds);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => it.Client.ReserveAsync("mac-1", [Job], term, Stop));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => it.Client.IssueAcquisitionTokensAsync("mac-1", [Job], term, Stop));
    }

    [Theory]
    [InlineData("mac.1", "mac%2E1")]
    [InlineData("..", "%2E%2E")]
    [InlineData("a/../b", "a%2F%2E%2E%2Fb")]
    [InlineData("a b?c#d%2e", "a%20b%3Fc%23d%252e")]
    [InlineData("ü", "%C3%BC")]
    public async Task A_stack_key_is_one_path_segment_on_the_wire_whatever_it_holds(string key, string sent)
    {
        await using var it = await StacksClientFixture.StartAsync();
        it.Service.Answers(200, """{"states":{}}""");

        await it.Client.GetJobStatesAsync(key, [Job], Stop);

        Assert.Equal($"/v3/stacks/{sent}/jobs/get-states", Assert.Single(it.Service.Requests).Target);
    }

    [Fact]
    public async Task A_slash_at_the_end_of_the_endpoint_changes_nothing()
    {
        await using var it = await StacksClientFixture.StartAsync(
            endpoint => new BuildkiteClientOptions { Endpoint = new Uri($"{endpoint}/"), RequestTimeout = StacksClientFixture.AttemptLimit });
        it.Service.Answers(200, "{}");

        await it.Client.WhoAmIAsync(Stop);

        Assert.Equal("/v3/token", Assert.Single(it.Service.Requests).Target);
    }
}
