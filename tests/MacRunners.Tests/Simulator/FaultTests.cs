using System.Net;

namespace MacRunners.Tests.Simulator;

public class FaultTests
{
    [Fact]
    public async Task A_status_replaces_the_answer_as_often_as_asked_for()
    {
        await using var service = await Service.StartWithStacksAsync();
        await AddAsync(service, """{"route":"/v3/stacks/*/scheduled-jobs","method":"GET","status":503,"retry_after":2.5,"count":2}""");

        for (var call = 0; call < 2; call++)
        {
            var failed = (await ListAsync(service)).Expect(HttpStatusCode.ServiceUnavailable);
            Assert.Equal("2.5", failed.Header("Retry-After"));
            Assert.NotNull(failed.Message);
        }

        (await ListAsync(service)).Expect(HttpStatusCode.OK);
        var fault = Assert.Single((await service.CallAsync("GET", "/sim/faults")).Body!.AsArray())!;
        Assert.Equal((2, 0), (fault["hits"]!.GetValue<int>(), fault["remaining"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("stacks/{key}/scheduled-jobs", true)]
    [InlineData("/v3/stacks/**", true)]
    [InlineData("**", true)]
    [InlineData("stacks/*", false)]
    [InlineData("stacks/*/scheduled-jobs/*", false)]
    [InlineData("jobs/*/finish", false)]
    public async Task Routes_are_matched_by_pattern(string route, bool strikes)
    {
        await using var service = await Service.StartWithStacksAsync();
        await AddAsync(service, $$"""{"route":"{{route}}","status":500}""");

        (await ListAsync(service)).Expect(strikes ? HttpStatusCode.InternalServerError : HttpStatusCode.OK);
    }

    [Fact]
    public async Task Faults_are_removed_and_never_strike_the_control_surface()
    {
        await using var service = await Service.StartWithStacksAsync();
        await AddAsync(service, """{"route":"**","status":500}""");

        (await service.CallAsync("GET", "/sim/jobs")).Expect(HttpStatusCode.OK);
        (await service.CallAsync("DELETE", "/sim/faults")).Expect(HttpStatusCode.NoContent);

        (await ListAsync(service)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_reset_cuts_the_connection_and_nothing_happens()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await AddAsync(service, """{"route":"stacks/*/scheduled-jobs/batch-reserve","reset":true}""");

        await Assert.ThrowsAsync<HttpRequestException>(() => service.ReserveAsync(id));

        Assert.Equal("scheduled", service.Job(id).State);
    }

    [Fact]
    public async Task A_late_reset_loses_only_the_answer()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await AddAsync(service, """{"route":"stacks/*/scheduled-jobs/batch-reserve","reset":true,"after":true}""");

        await Assert.ThrowsAsync<HttpRequestException>(() => service.ReserveAsync(id));

        Assert.Equal("reserved", service.Job(id).State);
        var request = Assert.Single((await service.CallAsync("GET", "/sim/requests?path=batch-reserve")).Body!.AsArray());
        Assert.Contains(id, request!["body"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delay_holds_the_request_back()
    {
        await using var service = await Service.StartWithStacksAsync();
        await AddAsync(service, """{"route":"stacks/*/scheduled-jobs","delay_ms":5000}""");

        var call = ListAsync(service);
        while ((await service.CallAsync("GET", "/sim/faults")).Body![0]!["hits"]!.GetValue<int>() == 0)
        {
            await Task.Yield();
        }

        Assert.False(call.IsCompleted);
        while (!call.IsCompleted)
        {
            service.Time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        (await call).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_body_can_be_broken_json()
    {
        await using var service = await Service.StartWithStacksAsync();
        await AddAsync(service, """{"route":"stacks/*/scheduled-jobs","body":"{\"jobs\":["}""");
        using var http = new HttpClient();
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Token {Service.ClusterToken}");

        var text = await http.GetStringAsync(
            new Uri(service.Address, $"/v3/stacks/{Service.StackKey}/scheduled-jobs?queue_key=main"), TestContext.Current.CancellationToken);

        Assert.Equal("""{"jobs":[""", text);
    }

    [Fact]
    public async Task A_fault_that_waits_for_another_call_begins_after_it()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await AddAsync(service, """{"route":"stacks/**","status":500,"armed_by":"stacks/*/scheduled-jobs/batch-reserve"}""");

        (await ListAsync(service)).Expect(HttpStatusCode.OK);
        await service.ReserveAsync(id);

        Assert.Equal("reserved", service.Job(id).State);
        (await ListAsync(service)).Expect(HttpStatusCode.InternalServerError);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"route":"x"}""")]
    [InlineData("""{"route":"x","status":1000}""")]
    [InlineData("""{"route":"x","status":500,"count":0}""")]
    [InlineData("""{"route":"x","status":500,"after":true}""")]
    [InlineData("""{"route":"x","not_issued":"*"}""")]
    [InlineData("""{"not_issued":"*","armed_by":"x"}""")]
    public async Task A_fault_without_sense_is_refused(string json)
    {
        await using var service = await Service.StartAsync();

        (await service.CallAsync("POST", "/sim/faults", json: json)).Expect(HttpStatusCode.UnprocessableEntity);
    }

    private static async Task AddAsync(Service service, string json) =>
        (await service.CallAsync("POST", "/sim/faults", json: json)).Expect(HttpStatusCode.Created);

    private static Task<Answer> ListAsync(Service service) => service.StackAsync("GET", "scheduled-jobs?queue_key=main");
}
