using System.Net;
using System.Text.Json.Nodes;

namespace MacRunners.Tests.Simulator;

public class AgentSessionTests
{
    private const string Registration = """
        {"name":"%hostname-1","hostname":"host","os":"linux","arch":"amd64","version":"3.87.0","build":"1","meta_data":["queue=second"]}
        """;

    [Fact]
    public async Task The_answer_to_a_registration_has_what_agents_fail_without()
    {
        await using var service = await Service.StartAsync();

        var answer = (await service.CallAsync("POST", "/v3/register", Service.ClusterToken, Registration)).Expect(HttpStatusCode.OK);

        Assert.StartsWith("bkaa_", answer.Text("access_token"), StringComparison.Ordinal);
        Assert.Equal("host-1", answer.Text("name"));
        Assert.Equal("", answer.Text("endpoint"));
        Assert.Equal("""["queue=second"]""", answer.Body!["meta_data"]!.ToJsonString());
        Assert.All(["ping_interval", "job_status_interval", "heartbeat_interval"], name => Assert.True(answer.Body![name]!.GetValue<int>() >= 1));
    }

    [Theory]
    [InlineData("name", null, HttpStatusCode.UnprocessableEntity)]
    [InlineData("hostname", null, HttpStatusCode.UnprocessableEntity)]
    [InlineData("version", null, HttpStatusCode.UnprocessableEntity)]
    [InlineData("pid", "\"1\"", HttpStatusCode.BadRequest)]
    [InlineData("meta_data", "\"queue=main\"", HttpStatusCode.BadRequest)]
    [InlineData("meta_data", """["queue=none"]""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("meta_data", """["queue=main","queue=second"]""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("meta_data", "[]", HttpStatusCode.OK)]
    public async Task A_registration_is_checked(string field, string? value, HttpStatusCode status)
    {
        await using var service = await Service.StartAsync();
        var body = JsonNode.Parse(Registration)!.AsObject();
        body[field] = value is null ? null : JsonNode.Parse(value);

        (await service.CallAsync("POST", "/v3/register", Service.ClusterToken, body.ToJsonString())).Expect(status);
    }

    [Fact]
    public async Task Heartbeats_are_echoed_and_need_a_time()
    {
        await using var service = await Service.StartAsync();
        var session = await service.SessionAsync();

        var beat = await service.CallAsync("POST", "/v3/heartbeat", session, """{"sent_at":"2000-01-01T00:00:00Z"}""");

        Assert.Equal("2000-01-01T00:00:00Z", beat.Expect(HttpStatusCode.OK).Text("sent_at"));
        Assert.Equal("2000-01-01T00:00:00.000Z", beat.Text("received_at"));
        (await service.CallAsync("POST", "/v3/heartbeat", session, "{}")).Expect(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_ping_sends_an_agent_that_came_for_one_job_away()
    {
        await using var service = await Service.StartAsync();
        var acquiring = await service.SessionAsync();
        var ordinary = (await service.CallAsync("POST", "/v3/register", Service.ClusterToken, Registration)).Text("access_token");

        Assert.Equal("disconnect", (await service.CallAsync("GET", "/v3/ping", acquiring)).Text("action"));
        Assert.Equal("idle", (await service.CallAsync("GET", "/v3/ping", ordinary)).Text("action"));
    }

    [Fact]
    public async Task An_agent_that_disconnects_in_the_middle_fails_its_job()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();

        await service.CallAsync("POST", "/v3/disconnect", job.Session);

        Assert.Equal(("finished", -1), (service.Job(job.Id).State, service.Job(job.Id).ExitStatus));
        Assert.Contains("AGENT_DISCONNECTED", service.Events(job.Id));
    }
}
