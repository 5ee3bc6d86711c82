using System.Net;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Serve;

namespace MacRunners.Tests.Simulator;

public class ControlSurfaceTests
{
    [Fact]
    public async Task A_job_is_added_and_shown()
    {
        await using var service = await Service.StartAsync();
        const string Json = """
            {"command":"make","queue":"second","env":{"A":"\u0000$(x)"},"repo":"file:///r.git","agent_query_rules":["os=mac"],
             "priority":-2,"timeout_seconds":5}
            """;

        var id = (await service.CallAsync("POST", "/sim/jobs", json: Json)).Expect(HttpStatusCode.Created).Text("id");
        var job = (await service.CallAsync("GET", $"/sim/jobs/{id}")).Expect(HttpStatusCode.OK);
        var all = await service.CallAsync("GET", "/sim/jobs");

        Assert.Equal("scheduled", job.Text("state"));
        Assert.Equal("second", job.Text("queue"));
        Assert.Equal(-2, job.Body!["priority"]!.GetValue<int>());
        Assert.Equal("", job.Text("log"));
        Assert.Null(job.Body["exit_status"]);
        Assert.Null(job.Body["agent"]);
        Assert.Null(job.Body["finish_detail"]);
        Assert.Equal("SCHEDULED", job.Body["events"]![0]!["name"]!.GetValue<string>());
        Assert.Equal(id, Assert.Single(all.Body!.AsArray())!["id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("not-a-uuid")]
    [InlineData("../../../etc/cron.d/x")]
    [InlineData("a b;$(id)")]
    public async Task A_job_can_have_an_id_no_service_should_send(string id)
    {
        await using var service = await Service.StartWithStacksAsync();
        var body = new JsonObject { ["command"] = "true", ["id"] = id };
        (await service.CallAsync("POST", "/sim/jobs", json: body.ToJsonString())).Expect(HttpStatusCode.Created);

        var page = await service.StackAsync("GET", "scheduled-jobs?queue_key=main");

        Assert.Equal(id, page.Body!["jobs"]![0]!["id"]!.GetValue<string>());
        (await service.CallAsync("GET", $"/sim/jobs/{Uri.EscapeDataString(id)}")).Expect(HttpStatusCode.OK);
        (await service.CallAsync("POST", "/sim/jobs", json: body.ToJsonString())).Expect(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"command":""}""")]
    [InlineData("""{"command":"x","queue":"none"}""")]
    [InlineData("""{"command":"x","queue":"main","agent_query_rules":["queue=second"]}""")]
    [InlineData("""{"command":"x","timeout_seconds":0}""")]
    public async Task A_faulty_job_is_refused(string json)
    {
        await using var service = await Service.StartAsync();

        (await service.CallAsync("POST", "/sim/jobs", json: json)).Expect(HttpStatusCode.UnprocessableEntity);
        Assert.Empty(service.Cluster.ViewJobs());
    }

    [Fact]
    public async Task The_queue_follows_from_a_rule()
    {
        await using var service = await Service.StartAsync();

        var id = service.AddJob(spec => spec with { AgentQueryRules = ["queue=second"] });

        Assert.Equal("second", service.Job(id).Queue);
    }

    [Fact]
    public async Task Requests_are_on_record_without_their_credentials()
    {
        await using var service = await Service.StartAsync();
        await service.RegisterStackAsync("a");
        var job = await service.StartJobAsync();
        await service.CallAsync("GET", "/v3/metrics", "wrong");

        var record = (await service.CallAsync("GET", "/sim/requests")).Body!.AsArray();
        var filtered = (await service.CallAsync("GET", "/sim/requests?path=/acquire")).Body!.AsArray();

        Assert.Equal("""{"key":"a","type":"custom","queue_key":"main","metadata":{}}""", record[0]!["body"]!.GetValue<string>());
        Assert.Equal("registration ...test", record[0]!["headers"]!["Authorization"]!.GetValue<string>());
        Assert.Equal(401, record[^1]!["status"]!.GetValue<int>());
        Assert.Equal($"session ...{job.Session[^4..]}", Assert.Single(filtered)!["headers"]!["Authorization"]!.GetValue<string>());
        Assert.DoesNotContain(job.Session, record.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(job.Token, record.ToJsonString(), StringComparison.Ordinal);
        await service.CallAsync("DELETE", "/sim/requests");
        Assert.Empty((await service.CallAsync("GET", "/sim/requests")).Body!.AsArray());
    }

    [Fact]
    public async Task Metrics_count_jobs_and_agents_by_queue()
    {
        await using var service = await Service.StartWithStacksAsync();
        service.AddJob(spec => spec with { Queue = "second" });
        await service.ReserveAsync(service.AddJob());
        await service.StartJobAsync();
        await service.SessionAsync();
        service.Cluster.Cancel(service.AddJob());

        var all = (await service.CallAsync("GET", "/v3/metrics", Service.ClusterToken)).Expect(HttpStatusCode.OK);
        var main = (await service.CallAsync("GET", "/v3/metrics/queue?name=main", Service.ClusterToken)).Expect(HttpStatusCode.OK);

        Assert.Equal(2, all.Body!["jobs"]!["scheduled"]!.GetValue<int>());
        Assert.Equal("""{"scheduled":1,"running":0,"waiting":0,"total":1}""", all.Body["jobs"]!["queues"]!["second"]!.ToJsonString());
        Assert.Equal("""{"scheduled":1,"running":1,"waiting":0,"total":2}""", main.Body!["jobs"]!.ToJsonString());
        Assert.Equal("""{"idle":1,"busy":1,"total":2}""", main.Body["agents"]!.ToJsonString());
        Assert.NotEmpty(all.Header("Buildkite-Agent-Metrics-Poll-Duration"));
        (await service.CallAsync("GET", "/v3/metrics/queue?name=none", Service.ClusterToken)).Expect(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("0.0.0.0:0")]
    [InlineData("[::]:0")]
    public async Task An_address_others_can_reach_has_to_be_allowed(string address)
    {
        var options = new SimulatorOptions { ClusterTokens = ["t"], Listen = IPEndPoint.Parse(address) };

        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => SimulatorServer.StartAsync(options, TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Contains("--allow-remote", refused.Message, StringComparison.Ordinal);
        await using var allowed = await SimulatorServer.StartAsync(
            options with { AllowRemote = true }, TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
