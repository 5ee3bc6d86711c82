using System.Net;

namespace MacRunners.Tests.Simulator;

public class NotificationTests
{
    [Fact]
    public async Task Good_ones_are_stored_and_bad_ones_reported_by_index()
    {
        await using var service = await Service.StartWithStacksAsync();
        service.Time.Advance(TimeSpan.FromHours(1));
        var id = service.AddJob();
        var json = $$"""
            {"notifications":[
              {"job_uuid":"{{id}}","detail":"creating the account"},
              {"job_uuid":"{{id}}","detail":""},
              {"job_uuid":"{{Guid.NewGuid()}}","detail":"x"},
              {"job_uuid":"{{id}}","detail":"{{new string('x', 257)}}"},
              {"job_uuid":"{{id}}","detail":"x","timestamp":"2000-01-01T01:00:01Z"},
              {"job_uuid":"{{id}}","detail":"x","timestamp":"2000-01-01T00:59:59Z"},
              {"job_uuid":"{{id}}","detail":"x","timestamp":"noon"},
              {"job_uuid":"{{id}}","detail":"{{new string('y', 256)}}","timestamp":"2000-01-01T01:00:00Z"}]}
            """;

        var errors = (await service.StackAsync("POST", "notifications", json)).Expect(HttpStatusCode.OK).Body!["errors"]!.AsArray();

        Assert.Equal(["[1,3]", "[2]", "[4]", "[5]", "[6]"], errors.Select(error => error!["indexes"]!.ToJsonString()));
        Assert.Equal(
            ["creating the account", new string('y', 256)],
            service.Job(id).Events.Where(happened => happened.Name == "STACK_NOTIFICATION").Select(happened => happened.Detail!));
    }

    [Fact]
    public async Task A_job_takes_a_hundred()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        var entries = Enumerable.Repeat($$"""{"job_uuid":"{{id}}","detail":"x"}""", 101);

        var answer = await service.StackAsync("POST", "notifications", $$"""{"notifications":[{{string.Join(',', entries)}}]}""");

        Assert.Equal("[100]", Assert.Single(answer.Body!["errors"]!.AsArray())!["indexes"]!.ToJsonString());
    }

    [Fact]
    public async Task A_job_that_ended_long_ago_takes_none()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        service.Cluster.Cancel(id);
        var json = $$"""{"notifications":[{"job_uuid":"{{id}}","detail":"x"}]}""";

        service.Time.Advance(TimeSpan.FromSeconds(300));
        Assert.Empty((await service.StackAsync("POST", "notifications", json)).Body!["errors"]!.AsArray());
        service.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single((await service.StackAsync("POST", "notifications", json)).Body!["errors"]!.AsArray());
    }

    [Fact]
    public async Task A_request_takes_a_thousand_objects()
    {
        await using var service = await Service.StartWithStacksAsync();
        var entries = string.Join(',', Enumerable.Repeat("{}", 1001));

        (await service.StackAsync("POST", "notifications", $$"""{"notifications":[{{entries}}]}""")).Expect(HttpStatusCode.UnprocessableEntity);
        (await service.StackAsync("POST", "notifications", """{"notifications":["x"]}""")).Expect(HttpStatusCode.BadRequest);
    }
}
