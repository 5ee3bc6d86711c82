using System.Net;

namespace MacRunners.Tests.Simulator;

public class StackFinishTests
{
    [Fact]
    public async Task A_reserved_job_is_finished_once()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await service.ReserveAsync(id);

        (await FinishAsync(service, id, """{"detail":"disk full"}""")).Expect(HttpStatusCode.OK);
        (await FinishAsync(service, id, """{"detail":"again"}""")).Expect(HttpStatusCode.UnprocessableEntity);

        var job = service.Job(id);
        Assert.Equal(("finished", -1, "stack_error", "disk full"), (job.State, job.ExitStatus, job.SignalReason, job.FinishDetail));
        Assert.Equal(["SCHEDULED", "RESERVED", "STACK_ERRORED", "FINISHED"], service.Events(id));
    }

    [Fact]
    public async Task Exit_status_0_counts_as_success()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await service.ReserveAsync(id);

        await FinishAsync(service, id, """{"exit_status":0,"detail":"nothing to do"}""");

        Assert.Equal((0, null), (service.Job(id).ExitStatus, service.Job(id).SignalReason));
        Assert.Contains("STACK_FINISHED", service.Events(id));
    }

    [Fact]
    public async Task A_job_an_agent_has_is_not_finished_by_the_stack()
    {
        await using var service = await Service.StartWithStacksAsync();
        var accepted = await service.AcquireAsync();
        var running = await service.StartJobAsync();

        (await FinishAsync(service, accepted.Id, """{"detail":"x"}""")).Expect(HttpStatusCode.UnprocessableEntity);
        (await FinishAsync(service, running.Id, """{"detail":"x"}""")).Expect(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("running", service.Job(running.Id).State);
    }

    [Fact]
    public async Task A_job_the_stack_does_not_hold_is_not_finished()
    {
        await using var service = await Service.StartWithStacksAsync();
        var free = service.AddJob();
        var others = service.AddJob();
        await service.ReserveAsync(others, stack: Service.OtherStackKey);

        (await FinishAsync(service, free, """{"detail":"x"}""")).Expect(HttpStatusCode.UnprocessableEntity);
        (await FinishAsync(service, others, """{"detail":"x"}""")).Expect(HttpStatusCode.UnprocessableEntity);
        (await FinishAsync(service, Guid.NewGuid().ToString(), """{"detail":"x"}""")).Expect(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_detail_is_required_and_limited_in_bytes()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await service.ReserveAsync(id);
        (string Json, HttpStatusCode Status)[] cases =
        [
            ("{}", HttpStatusCode.UnprocessableEntity),
            ("""{"detail":""}""", HttpStatusCode.UnprocessableEntity),
            ($$"""{"detail":"{{new string('ä', 2049)}}"}""", HttpStatusCode.UnprocessableEntity),
            ("""{"detail":"x","exit_status":"1"}""", HttpStatusCode.BadRequest),
            ($$"""{"detail":"{{new string('ä', 2048)}}"}""", HttpStatusCode.OK),
        ];

        foreach (var (json, status) in cases)
        {
            (await FinishAsync(service, id, json)).Expect(status);
        }
    }

    private static Task<Answer> FinishAsync(Service service, string id, string json) =>
        service.StackAsync("POST", $"jobs/{id}/finish", json);
}
