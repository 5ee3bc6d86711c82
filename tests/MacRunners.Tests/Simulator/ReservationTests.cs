using System.Net;
using System.Text.Json;

namespace MacRunners.Tests.Simulator;

public class ReservationTests
{
    [Fact]
    public async Task A_reserved_job_is_hidden_from_the_list()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();

        var reserved = (await service.ReserveAsync(id)).Expect(HttpStatusCode.OK);

        Assert.Equal($$"""{"reserved":["{{id}}"],"not_reserved":[]}""", reserved.Body!.ToJsonString());
        Assert.Equal("reserved", service.Job(id).State);
        Assert.Empty((await service.StackAsync("GET", "scheduled-jobs?queue_key=main")).Body!["jobs"]!.AsArray());
    }

    [Fact]
    public async Task A_job_reserved_by_another_stack_is_not_reserved()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await service.ReserveAsync(id);

        var other = await service.ReserveAsync(id, stack: Service.OtherStackKey);

        Assert.Equal($$"""{"reserved":[],"not_reserved":["{{id}}"]}""", other.Body!.ToJsonString());
        Assert.Equal(Service.StackKey, service.Job(id).ReservedBy);
    }

    [Fact]
    public async Task Reserving_again_extends()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await service.ReserveAsync(id, seconds: 60);
        service.Time.Advance(TimeSpan.FromSeconds(50));

        var again = await service.ReserveAsync(id, seconds: 60);
        service.Time.Advance(TimeSpan.FromSeconds(50));

        Assert.Single(again.Body!["reserved"]!.AsArray());
        Assert.Equal("reserved", service.Job(id).State);
        Assert.Equal(["SCHEDULED", "RESERVED", "RESERVATION_EXTENDED"], service.Events(id));
    }

    [Fact]
    public async Task A_reservation_that_runs_out_returns_the_job_at_that_time()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await service.ReserveAsync(id, seconds: 60);

        service.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("reserved", service.Job(id).State);
        service.Time.Advance(TimeSpan.FromSeconds(100));

        var expired = service.Job(id);
        Assert.Equal("scheduled", expired.State);
        Assert.Equal("RESERVED_EXPIRED", expired.Events[^1].Name);
        Assert.Equal(expired.ScheduledAt.AddSeconds(60), expired.Events[^1].At);
        Assert.Single((await service.ReserveAsync(id, stack: Service.OtherStackKey)).Body!["reserved"]!.AsArray());
    }

    [Fact]
    public async Task Without_a_length_a_reservation_lasts_for_the_default()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();

        await service.StackAsync("PUT", "scheduled-jobs/batch-reserve", $$"""{"job_uuids":["{{id}}"]}""");

        Assert.Equal(service.Job(id).ScheduledAt.AddSeconds(900), service.Job(id).ReservedUntil);
    }

    [Fact]
    public async Task Unknown_and_taken_jobs_are_not_reserved()
    {
        await using var service = await Service.StartWithStacksAsync();
        var running = await service.StartJobAsync();
        var unknown = Guid.NewGuid().ToString();

        Assert.Single((await service.ReserveAsync(running.Id)).Body!["not_reserved"]!.AsArray());
        Assert.Single((await service.ReserveAsync(unknown)).Body!["not_reserved"]!.AsArray());
        Assert.Equal("running", service.Job(running.Id).State);
    }

    [Fact]
    public async Task Deregistering_does_not_release_what_is_reserved()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await service.ReserveAsync(id);

        (await service.StackAsync("POST", "deregister")).Expect(HttpStatusCode.NoContent);

        Assert.Equal("reserved", service.Job(id).State);
    }

    [Theory]
    [InlineData("PUT", "scheduled-jobs/batch-reserve", "reservation_expiry_seconds")]
    [InlineData("POST", "job-acquisition-tokens", "token_lifetime_seconds")]
    public async Task Ids_and_lengths_are_checked(string method, string path, string length)
    {
        await using var service = await Service.StartWithStacksAsync();
        var ids = JsonSerializer.Serialize(Enumerable.Range(0, 1001).Select(_ => Guid.NewGuid()));
        (string Json, HttpStatusCode Status)[] cases =
        [
            ("{}", HttpStatusCode.BadRequest),
            ("""{"job_uuids":"x"}""", HttpStatusCode.BadRequest),
            ("""{"job_uuids":[1]}""", HttpStatusCode.BadRequest),
            ("""{"job_uuids":["x"]}""", HttpStatusCode.UnprocessableEntity),
            ("""{"job_uuids":["../../etc/passwd"]}""", HttpStatusCode.UnprocessableEntity),
            ($$"""{"job_uuids":{{ids}}}""", HttpStatusCode.UnprocessableEntity),
            ($$"""{"job_uuids":[],"{{length}}":0}""", HttpStatusCode.UnprocessableEntity),
            ($$"""{"job_uuids":[],"{{length}}":3601}""", HttpStatusCode.UnprocessableEntity),
            ($$"""{"job_uuids":[],"{{length}}":"60"}""", HttpStatusCode.BadRequest),
        ];

        foreach (var (json, status) in cases)
        {
            (await service.StackAsync(method, path, json)).Expect(status);
        }
    }

    [Fact]
    public async Task A_body_has_to_say_that_it_is_json()
    {
        await using var service = await Service.StartWithStacksAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v3/stacks/{Service.StackKey}/scheduled-jobs/batch-reserve");
        request.Headers.TryAddWithoutValidation("Authorization", $"Token {Service.ClusterToken}");
        request.Content = new StringContent("""{"job_uuids":[]}""", new System.Net.Http.Headers.MediaTypeHeaderValue("text/plain"));

        (await service.SendAsync(request)).Expect(HttpStatusCode.BadRequest);
    }
}
