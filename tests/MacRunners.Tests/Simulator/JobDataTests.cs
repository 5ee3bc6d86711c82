using System.Net;
using System.Text;

namespace MacRunners.Tests.Simulator;

public class JobDataTests
{
    [Theory]
    [InlineData("jobs")]
    [InlineData("builds")]
    public async Task Meta_data_is_set_found_read_and_listed(string scope)
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        var path = $"/v3/{scope}/{(scope == "jobs" ? job.Id : service.Job(job.Id).BuildId)}/data";

        Assert.Equal("""{"exists":false}""", (await service.CallAsync("POST", $"{path}/exists", job.Token, """{"key":"k"}""")).Body!.ToJsonString());
        (await service.CallAsync("POST", $"{path}/get", job.Token, """{"key":"k"}""")).Expect(HttpStatusCode.NotFound);
        (await service.CallAsync("POST", $"{path}/set", job.Token, """{"key":"k","value":"v"}""")).Expect(HttpStatusCode.OK);
        (await service.CallAsync("POST", $"{path}/set", job.Token, """{"key":"k"}""")).Expect(HttpStatusCode.UnprocessableEntity);

        Assert.Equal("""{"exists":true}""", (await service.CallAsync("POST", $"{path}/exists", job.Token, """{"key":"k"}""")).Body!.ToJsonString());
        Assert.Equal("v", (await service.CallAsync("POST", $"{path}/get", job.Token, """{"key":"k"}""")).Text("value"));
        Assert.Equal("""["k"]""", (await service.CallAsync("POST", $"{path}/keys", job.Token)).Body!.ToJsonString());
        Assert.Equal("v", service.Job(job.Id).MetaData["k"]);
    }

    [Fact]
    public async Task Jobs_of_one_build_share_its_meta_data_and_others_do_not_see_it()
    {
        await using var service = await Service.StartAsync();
        var first = await service.StartJobAsync(spec => spec with { BuildId = "build" });
        var second = await service.StartJobAsync(spec => spec with { BuildId = "build" });
        var other = await service.StartJobAsync();
        await service.CallAsync("POST", $"/v3/jobs/{first.Id}/data/set", first.Token, """{"key":"k","value":"v"}""");

        (await service.CallAsync("POST", $"/v3/jobs/{second.Id}/data/get", second.Token, """{"key":"k"}""")).Expect(HttpStatusCode.OK);
        (await service.CallAsync("POST", $"/v3/jobs/{other.Id}/data/get", other.Token, """{"key":"k"}""")).Expect(HttpStatusCode.NotFound);
        (await service.CallAsync("POST", "/v3/builds/build/data/keys", other.Token)).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Annotations_are_written_extended_and_removed()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        var path = $"/v3/jobs/{job.Id}/annotations";

        await service.CallAsync("POST", path, job.Token, """{"body":"a","context":"c","style":"info"}""");
        await service.CallAsync("POST", path, job.Token, """{"body":"b","context":"c","append":true}""");
        Assert.Equal("ab", Assert.Single(service.Job(job.Id).Annotations).Body);

        (await service.CallAsync("DELETE", $"{path}/c", job.Token)).Expect(HttpStatusCode.OK);
        (await service.CallAsync("DELETE", $"{path}/c", job.Token)).Expect(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Artifacts_are_announced_uploaded_and_downloaded()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        var batch = (await service.CallAsync(
            "POST", $"/v3/jobs/{job.Id}/artifacts", job.Token, """{"id":"x","artifacts":[{"path":"out/a.txt","file_size":3}]}""")).Body!;
        var action = batch["upload_instructions"]!["action"]!;
        var id = batch["artifact_ids"]![0]!.GetValue<string>();

        using var request = new HttpRequestMessage(
            new HttpMethod(action["method"]!.GetValue<string>()), action["url"]!.GetValue<string>() + action["path"]!.GetValue<string>());
        using var form = new MultipartFormDataContent();
        form.Add(new StringContent("out/a.txt"), "path");
        form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes("abc")), action["file_input"]!.GetValue<string>(), "a.txt");
        request.Content = form;
        (await service.SendAsync(request)).Expect(HttpStatusCode.Created);
        await service.CallAsync(
            "PUT", $"/v3/jobs/{job.Id}/artifacts", job.Token, $$"""{"artifacts":[{"id":"{{id}}","state":"finished"}]}""");

        var found = await service.CallAsync("GET", $"/v3/builds/{service.Job(job.Id).BuildId}/artifacts/search?query=*", job.Token);
        Assert.Equal("finished", found.Body![0]!["state"]!.GetValue<string>());
        using var http = new HttpClient();
        var download = await http.GetStringAsync(found.Body![0]!["url"]!.GetValue<string>(), TestContext.Current.CancellationToken);
        Assert.Equal("abc", download);
    }

    [Theory]
    [InlineData("POST", "/v3/jobs/x/oidc/tokens")]
    [InlineData("GET", "/v3/jobs/x/secrets?key=k")]
    [InlineData("POST", "/agentedge.v1.AgentEdgeService/StreamPings")]
    [InlineData("DELETE", "/v3/register")]
    [InlineData("GET", "/v3/stacks/a/scheduled_jobs")]
    [InlineData("GET", "/")]
    public async Task Unknown_routes_are_not_found_and_say_so(string method, string path)
    {
        await using var service = await Service.StartAsync();

        Assert.NotEmpty((await service.CallAsync(method, path, Service.ClusterToken)).Expect(HttpStatusCode.NotFound).Message!);
    }
}
