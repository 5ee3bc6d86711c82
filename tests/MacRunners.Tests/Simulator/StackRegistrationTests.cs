using System.Net;

namespace MacRunners.Tests.Simulator;

public class StackRegistrationTests
{
    [Fact]
    public async Task A_new_key_is_created_and_a_known_one_updated()
    {
        await using var service = await Service.StartAsync();

        var created = (await service.RegisterStackAsync("a")).Expect(HttpStatusCode.Created);
        var updated = (await service.RegisterStackAsync("a", "second")).Expect(HttpStatusCode.OK);

        Assert.Equal(created.Text("id"), updated.Text("id"));
        Assert.Equal("second", updated.Text("cluster_queue_key"));
        Assert.Equal("connected", updated.Text("state"));
    }

    [Fact]
    public async Task The_default_placeholder_becomes_the_real_queue_key()
    {
        await using var service = await Service.StartAsync();

        Assert.Equal("main", (await service.RegisterStackAsync("a", "__default__")).Text("cluster_queue_key"));
    }

    [Theory]
    [InlineData("""{"key":"a b","type":"custom","queue_key":"main","metadata":{}}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"key":"a.b","type":"custom","queue_key":"main","metadata":{}}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"key":"a\n","type":"custom","queue_key":"main","metadata":{}}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"type":"custom","queue_key":"main","metadata":{}}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"key":"a","type":"mac","queue_key":"main","metadata":{}}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"key":"a","type":"custom","queue_key":"main"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"key":"a","type":"custom","metadata":{}}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"key":"a","type":"custom","queue_key":"main","metadata":{"n":1}}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"key":1,"type":"custom","queue_key":"main","metadata":{}}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"key":"a","type":"custom","queue_key":"none","metadata":{}}""", HttpStatusCode.NotFound)]
    [InlineData("""["key"]""", HttpStatusCode.BadRequest)]
    [InlineData("""{"key":""", HttpStatusCode.BadRequest)]
    public async Task A_faulty_registration_is_refused(string json, HttpStatusCode status)
    {
        await using var service = await Service.StartAsync();

        Assert.NotNull((await service.CallAsync("POST", "/v3/stacks/register", Service.ClusterToken, json)).Expect(status).Message);
        Assert.Empty(service.Cluster.Stacks());
    }

    [Theory]
    [InlineData(80, 100, 64, 256, HttpStatusCode.Created)]
    [InlineData(81, 1, 1, 1, HttpStatusCode.UnprocessableEntity)]
    [InlineData(1, 101, 3, 1, HttpStatusCode.UnprocessableEntity)]
    [InlineData(1, 1, 65, 1, HttpStatusCode.UnprocessableEntity)]
    [InlineData(1, 1, 1, 257, HttpStatusCode.UnprocessableEntity)]
    public async Task Keys_and_metadata_have_limits(int keyLength, int count, int nameLength, int valueLength, HttpStatusCode status)
    {
        await using var service = await Service.StartAsync();
        var metadata = Enumerable.Range(0, count)
            .Select(number => $"\"{number.ToString().PadLeft(nameLength, 'k')}\":\"{new string('v', valueLength)}\"");
        var json = $$"""
            {"key":"{{new string('a', keyLength)}}","type":"custom","queue_key":"main","metadata":{ {{string.Join(',', metadata)}} } }
            """;

        (await service.CallAsync("POST", "/v3/stacks/register", Service.ClusterToken, json)).Expect(status);
    }

    [Fact]
    public async Task The_quota_counts_stacks_until_they_are_deregistered()
    {
        await using var service = await Service.StartAsync(options => options with { StackQuota = 1 });
        await service.RegisterStackAsync("a");

        (await service.RegisterStackAsync("b")).Expect(HttpStatusCode.Forbidden);
        (await service.RegisterStackAsync("a")).Expect(HttpStatusCode.OK);
        (await service.StackAsync("POST", "deregister", stack: "a")).Expect(HttpStatusCode.NoContent);
        (await service.RegisterStackAsync("b")).Expect(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("GET", "scheduled-jobs?queue_key=main", null)]
    [InlineData("PUT", "scheduled-jobs/batch-reserve", """{"job_uuids":[]}""")]
    [InlineData("POST", "job-acquisition-tokens", """{"job_uuids":[]}""")]
    [InlineData("GET", "jobs/JOB", null)]
    [InlineData("POST", "jobs/get-states", """{"job_uuids":[]}""")]
    [InlineData("POST", "jobs/JOB/finish", """{"detail":"x"}""")]
    [InlineData("POST", "notifications", """{"notifications":[]}""")]
    [InlineData("POST", "deregister", null)]
    public async Task Without_registration_nothing_is_found(string method, string path, string? json)
    {
        await using var service = await Service.StartAsync();

        var answer = await service.StackAsync(method, path.Replace("JOB", service.AddJob(), StringComparison.Ordinal), json);

        Assert.Contains("not found", answer.Expect(HttpStatusCode.NotFound).Message, StringComparison.Ordinal);
    }
}
