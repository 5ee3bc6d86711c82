using System.Net;

namespace MacRunners.Tests.Simulator;

public class AcquisitionTokenTests
{
    [Fact]
    public async Task A_token_registers_an_agent_that_can_acquire_its_job()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();

        var session = await service.SessionAsync(await service.AcquisitionTokenAsync(id));
        (await service.CallAsync("PUT", $"/v3/jobs/{id}/acquire", session)).Expect(HttpStatusCode.OK);

        Assert.Equal("job_acquisition_token", service.Job(id).Agent!.RegisteredWith);
        Assert.Equal(Service.StackKey, service.Job(id).Agent!.Stack);
    }

    [Fact]
    public async Task Jobs_the_stack_does_not_hold_get_no_token()
    {
        await using var service = await Service.StartWithStacksAsync();
        var free = service.AddJob();
        var others = service.AddJob();
        await service.ReserveAsync(others, stack: Service.OtherStackKey);

        foreach (var id in new[] { free, others, Guid.NewGuid().ToString() })
        {
            var answer = (await service.IssueAsync(id)).Expect(HttpStatusCode.Created);
            Assert.Equal($$"""{"job_acquisition_tokens":[],"not_issued":["{{id}}"]}""", answer.Body!.ToJsonString());
        }
    }

    [Fact]
    public async Task A_token_registers_once()
    {
        await using var service = await Service.StartWithStacksAsync();
        var token = await service.AcquisitionTokenAsync(service.AddJob());
        (await service.RegisterAgentAsync(token)).Expect(HttpStatusCode.OK);

        (await service.RegisterAgentAsync(token)).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Its_session_is_good_for_no_other_job()
    {
        await using var service = await Service.StartWithStacksAsync();
        var other = service.AddJob();
        var session = await service.SessionAsync(await service.AcquisitionTokenAsync(service.AddJob()));

        (await service.CallAsync("PUT", $"/v3/jobs/{other}/acquire", session)).Expect(HttpStatusCode.Unauthorized);
        Assert.Equal("scheduled", service.Job(other).State);
    }

    [Theory]
    [InlineData(900, 60, 60)]
    [InlineData(60, 900, 60)]
    public async Task A_token_ends_with_its_lifetime_or_the_reservation(int reservation, int lifetime, int expected)
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await service.ReserveAsync(id, reservation);
        var issued = (await service.IssueAsync(id, lifetime)).Body!["job_acquisition_tokens"]![0]!;

        Assert.Equal(service.Job(id).ScheduledAt.AddSeconds(expected), issued["expires_at"]!.GetValue<DateTimeOffset>());
        service.Time.Advance(TimeSpan.FromSeconds(expected));
        (await service.RegisterAgentAsync(issued["job_acquisition_token"]!.GetValue<string>())).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_token_dies_when_the_job_is_finished_without_it()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        var token = await service.AcquisitionTokenAsync(id);
        await service.StackAsync("POST", $"jobs/{id}/finish", """{"detail":"no"}""");

        (await service.RegisterAgentAsync(token)).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_agent_of_the_stack_that_lost_the_job_cannot_acquire_it()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        var session = await service.SessionAsync(await service.AcquisitionTokenAsync(id));
        await service.ReserveAsync(id, seconds: 10);
        service.Time.Advance(TimeSpan.FromSeconds(10));
        await service.ReserveAsync(id, stack: Service.OtherStackKey);

        (await service.CallAsync("PUT", $"/v3/jobs/{id}/acquire", session)).Expect(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task An_agent_of_another_agent_token_cannot_acquire_a_reserved_job()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await service.ReserveAsync(id);

        var other = await service.SessionAsync(Service.OtherClusterToken);
        (await service.CallAsync("PUT", $"/v3/jobs/{id}/acquire", other)).Expect(HttpStatusCode.UnprocessableEntity);
        var own = await service.SessionAsync();
        (await service.CallAsync("PUT", $"/v3/jobs/{id}/acquire", own)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_test_can_have_the_token_of_a_job_refused()
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = service.AddJob();
        await service.ReserveAsync(id);
        (await service.CallAsync("POST", "/sim/faults", json: $$"""{"not_issued":"{{id}}","count":1}""")).Expect(HttpStatusCode.Created);

        Assert.Single((await service.IssueAsync(id)).Body!["not_issued"]!.AsArray());
        Assert.Single((await service.IssueAsync(id)).Body!["job_acquisition_tokens"]!.AsArray());
    }
}
