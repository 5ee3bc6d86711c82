using System.Net;

namespace MacRunners.Tests.Simulator;

/// <summary>What the mere passing of time brings about.</summary>
public class ClockTests
{
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task A_silent_agent_is_lost_and_its_job_fails()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        service.Time.Advance(LostAfter - TimeSpan.FromSeconds(1));
        Assert.Equal("running", service.Job(job.Id).State);

        service.Time.Advance(TimeSpan.FromMinutes(10));

        var view = service.Job(job.Id);
        Assert.Equal(("finished", -1), (view.State, view.ExitStatus));
        Assert.Equal(["SCHEDULED", "ACQUIRED", "STARTED", "AGENT_LOST", "FINISHED"], service.Events(job.Id));
        Assert.Equal(view.StartedAt + LostAfter, view.FinishedAt);
        (await service.HeartbeatAsync(job)).Expect(HttpStatusCode.Unauthorized);
        (await service.FinishAsync(job)).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Heartbeats_keep_an_agent_alive_but_calls_of_the_job_do_not()
    {
        await using var service = await Service.StartAsync();
        var beating = await service.StartJobAsync();
        var silent = await service.StartJobAsync();

        for (var minute = 0; minute < 4; minute++)
        {
            service.Time.Advance(TimeSpan.FromMinutes(1));
            await service.HeartbeatAsync(beating);
            await service.CallAsync("GET", $"/v3/jobs/{silent.Id}", silent.Token);
        }

        Assert.Equal("running", service.Job(beating.Id).State);
        Assert.Equal("finished", service.Job(silent.Id).State);
    }

    [Fact]
    public async Task A_cancelled_job_whose_agent_is_lost_ends_as_canceled()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        service.Cluster.Cancel(job.Id);

        service.Time.Advance(LostAfter);

        Assert.Equal(("canceled", -1), (service.Job(job.Id).State, service.Job(job.Id).ExitStatus));
        Assert.Contains("AGENT_LOST", service.Events(job.Id));
    }

    [Fact]
    public async Task A_job_over_its_limit_is_cancelled_by_the_service()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync(spec => spec with { TimeoutSeconds = 60 });
        service.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("running", (await service.CallAsync("GET", $"/v3/jobs/{job.Id}", job.Token)).Text("state"));

        service.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("canceling", (await service.CallAsync("GET", $"/v3/jobs/{job.Id}", job.Token)).Text("state"));
        Assert.Equal("timing_out", service.Job(job.Id).State);
        await service.FinishAsync(job, "\"-1\"");
        Assert.Equal("timed_out", service.Job(job.Id).State);
        Assert.Equal("canceled", (await service.CallAsync("GET", $"/v3/jobs/{job.Id}", job.Token)).Text("state"));
        Assert.Equal(["SCHEDULED", "ACQUIRED", "STARTED", "TIMING_OUT", "TIMED_OUT"], service.Events(job.Id));
    }

    [Fact]
    public async Task The_limit_counts_from_the_start_of_the_job()
    {
        await using var service = await Service.StartAsync();
        var job = await service.AcquireAsync(spec => spec with { TimeoutSeconds = 60 });
        service.Time.Advance(TimeSpan.FromSeconds(100));
        await service.StartAsync(job);
        service.Time.Advance(TimeSpan.FromSeconds(59));

        Assert.Equal("running", service.Job(job.Id).State);
    }

    [Fact]
    public async Task A_stack_that_stops_polling_counts_as_disconnected()
    {
        await using var service = await Service.StartAsync();
        await service.RegisterStackAsync("a");
        await service.StackAsync("GET", "scheduled-jobs?queue_key=main", stack: "a");

        service.Time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal("disconnected", Assert.Single(service.Cluster.Stacks()).State);
        var again = await service.RegisterStackAsync("a");
        Assert.Equal("connected", again.Text("state"));
        Assert.Equal("2000-01-01T00:00:00.000Z", again.Text("last_connected_on"));
    }
}
