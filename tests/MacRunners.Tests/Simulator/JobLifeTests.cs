using System.Net;

namespace MacRunners.Tests.Simulator;

public class JobLifeTests
{
    [Fact]
    public async Task A_job_runs_from_acquire_to_finish()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        (await service.FinishAsync(job, "\"3\"", ""","signal":"SIGTERM","signal_reason":"agent_stop" """)).Expect(HttpStatusCode.OK);

        var view = service.Job(job.Id);
        Assert.Equal(("finished", 3, "SIGTERM", "agent_stop"), (view.State, view.ExitStatus, view.Signal, view.SignalReason));
        Assert.Equal(["SCHEDULED", "ACQUIRED", "STARTED", "FINISHED"], service.Events(job.Id));
    }

    public static TheoryData<string, string, HttpStatusCode> Steps => new()
    {
        { "accepted", "acquire", HttpStatusCode.UnprocessableEntity },
        { "accepted", "start", HttpStatusCode.OK },
        { "accepted", "finish", HttpStatusCode.UnprocessableEntity },
        { "accepted", "chunk", HttpStatusCode.UnprocessableEntity },
        { "running", "acquire", HttpStatusCode.UnprocessableEntity },
        { "running", "start", HttpStatusCode.UnprocessableEntity },
        { "running", "chunk", HttpStatusCode.Created },
        { "running", "finish", HttpStatusCode.OK },
        { "canceling", "acquire", HttpStatusCode.UnprocessableEntity },
        { "canceling", "start", HttpStatusCode.UnprocessableEntity },
        { "canceling", "chunk", HttpStatusCode.Created },
        { "canceling", "finish", HttpStatusCode.OK },
        { "finished", "acquire", HttpStatusCode.UnprocessableEntity },
        { "finished", "start", HttpStatusCode.UnprocessableEntity },
        { "finished", "chunk", HttpStatusCode.UnprocessableEntity },
        { "finished", "finish", HttpStatusCode.UnprocessableEntity },
        { "finished", "cancel", HttpStatusCode.UnprocessableEntity },
        { "canceled", "acquire", HttpStatusCode.UnprocessableEntity },
        { "canceled", "start", HttpStatusCode.UnprocessableEntity },
        { "canceled", "finish", HttpStatusCode.UnprocessableEntity },
        { "canceled", "cancel", HttpStatusCode.UnprocessableEntity },
    };

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Only_legal_steps_are_taken(string state, string step, HttpStatusCode status)
    {
        await using var service = await Service.StartAsync();
        var job = await InStateAsync(service, state);
        Assert.Equal(state, service.Job(job.Id).State);

        var answer = step switch
        {
            "acquire" => await service.CallAsync("PUT", $"/v3/jobs/{job.Id}/acquire", await service.SessionAsync()),
            "start" => await service.StartAsync(job),
            "chunk" => await service.ChunkAsync(job, 1, 0, "x"),
            "cancel" => await service.CallAsync("POST", $"/sim/jobs/{job.Id}/cancel"),
            _ => await service.FinishAsync(job),
        };

        answer.Expect(status);
        if (!answer.Status.Equals(HttpStatusCode.OK))
        {
            Assert.Equal(state, service.Job(job.Id).State);
        }
    }

    [Fact]
    public async Task Of_many_agents_one_gets_the_job()
    {
        await using var service = await Service.StartAsync();
        var id = service.AddJob();
        var sessions = new List<string>();
        for (var agent = 0; agent < 8; agent++)
        {
            sessions.Add(await service.SessionAsync());
        }

        var answers = await Task.WhenAll(sessions.Select(session => service.CallAsync("PUT", $"/v3/jobs/{id}/acquire", session)));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(7, answers.Count(answer => answer.Status == HttpStatusCode.UnprocessableEntity));
    }

    [Fact]
    public async Task Unknown_jobs_are_not_found()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();
        var unknown = job with { Id = Guid.NewGuid().ToString() };

        (await service.CallAsync("PUT", $"/v3/jobs/{unknown.Id}/acquire", await service.SessionAsync())).Expect(HttpStatusCode.NotFound);
        (await service.StartAsync(unknown)).Expect(HttpStatusCode.NotFound);
        (await service.FinishAsync(unknown)).Expect(HttpStatusCode.NotFound);
        (await service.CallAsync("GET", $"/v3/jobs/{unknown.Id}", job.Token)).Expect(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_agent_has_to_connect_before_it_acquires_and_has_one_job_at_a_time()
    {
        await using var service = await Service.StartAsync();
        var first = service.AddJob();
        var second = service.AddJob();
        var session = (await service.RegisterAgentAsync(Service.ClusterToken)).Text("access_token");

        (await service.CallAsync("PUT", $"/v3/jobs/{first}/acquire", session)).Expect(HttpStatusCode.UnprocessableEntity);
        await service.CallAsync("POST", "/v3/connect", session);
        (await service.CallAsync("PUT", $"/v3/jobs/{first}/acquire", session)).Expect(HttpStatusCode.OK);
        (await service.CallAsync("PUT", $"/v3/jobs/{second}/acquire", session)).Expect(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("\"\"")]
    [InlineData("\"1.5\"")]
    [InlineData("null")]
    public async Task The_exit_status_is_a_string_with_a_number(string exitStatus)
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();

        (await service.FinishAsync(job, exitStatus)).Expect(HttpStatusCode.UnprocessableEntity);
        (await service.FinishAsync(job, "\"-1\"")).Expect(HttpStatusCode.OK);
        Assert.Equal(-1, service.Job(job.Id).ExitStatus);
    }

    [Fact]
    public async Task An_older_agent_may_use_its_session_token_for_its_job()
    {
        await using var service = await Service.StartAsync();
        var job = await service.AcquireAsync();
        job = job with { Token = job.Session };

        (await service.StartAsync(job)).Expect(HttpStatusCode.OK);
        (await service.ChunkAsync(job, 1, 0, "x")).Expect(HttpStatusCode.Created);
        (await service.FinishAsync(job)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_cancelled_run_ends_as_canceled()
    {
        await using var service = await Service.StartAsync();
        var job = await service.StartJobAsync();

        (await service.CallAsync("POST", $"/sim/jobs/{job.Id}/cancel")).Expect(HttpStatusCode.OK);
        (await service.CallAsync("POST", $"/sim/jobs/{job.Id}/cancel")).Expect(HttpStatusCode.OK);
        Assert.Equal("canceling", (await service.CallAsync("GET", $"/v3/jobs/{job.Id}", job.Token)).Text("state"));
        await service.FinishAsync(job, "\"-1\"", ""","signal_reason":"cancel" """);

        Assert.Equal("canceled", (await service.CallAsync("GET", $"/v3/jobs/{job.Id}", job.Token)).Text("state"));
        Assert.Equal(["SCHEDULED", "ACQUIRED", "STARTED", "CANCELING", "CANCELED"], service.Events(job.Id));
    }

    [Theory]
    [InlineData("scheduled")]
    [InlineData("reserved")]
    [InlineData("accepted")]
    public async Task What_has_not_started_is_cancelled_at_once(string state)
    {
        await using var service = await Service.StartWithStacksAsync();
        var id = state == "accepted" ? (await service.AcquireAsync()).Id : service.AddJob();
        if (state == "reserved")
        {
            await service.ReserveAsync(id);
        }

        Assert.Equal("canceled", (await service.CallAsync("POST", $"/sim/jobs/{id}/cancel")).Text("state"));
        var states = await service.StackAsync("POST", "jobs/get-states", $$"""{"job_uuids":["{{id}}"]}""");
        Assert.Equal("canceled", states.Body!["states"]![id]!.GetValue<string>());
    }

    [Fact]
    public async Task The_job_comes_with_everything_an_agent_insists_on()
    {
        await using var service = await Service.StartAsync();
        var id = service.AddJob(spec => spec with
        {
            Command = "make test",
            TimeoutSeconds = 90,
            Env = new Dictionary<string, string> { ["EVIL"] = "$(rm -rf /)\n\0", ["BUILDKITE_JOB_ID"] = "forged", ["BUILDKITE_BRANCH"] = "topic" },
        });
        var session = (await service.RegisterAgentAsync(Service.ClusterToken, "\"queue=main\",\"xcode-version=16\"")).Text("access_token");
        await service.CallAsync("POST", "/v3/connect", session);

        var job = (await service.CallAsync("PUT", $"/v3/jobs/{id}/acquire", session)).Expect(HttpStatusCode.OK).Body!;

        Assert.Equal("accepted", job["state"]!.GetValue<string>());
        Assert.Equal("", job["endpoint"]!.GetValue<string>());
        Assert.StartsWith("bkaj_", job["token"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(102400, job["chunks_max_size_bytes"]!.GetValue<int>());
        Assert.True(job["log_max_size_bytes"]!.GetValue<long>() > 0);
        Assert.Equal("""{"command":"make test"}""", job["step"]!.ToJsonString());
        var env = job["env"]!.AsObject().ToDictionary(entry => entry.Key, entry => entry.Value!.GetValue<string>());
        string[] required =
        [
            "BUILDKITE_REPO", "BUILDKITE_COMMIT", "BUILDKITE_ORGANIZATION_SLUG", "BUILDKITE_PIPELINE_SLUG", "BUILDKITE_PIPELINE_PROVIDER",
            "BUILDKITE_BUILD_ID", "BUILDKITE_BUILD_NUMBER", "BUILDKITE_STEP_ID", "BUILDKITE_AGENT_ID",
        ];
        Assert.All(required, name => Assert.NotEmpty(env[name]));
        Assert.Equal(id, env["BUILDKITE_JOB_ID"]);
        Assert.Equal("agent-1", env["BUILDKITE_AGENT_NAME"]);
        Assert.Equal("make test", env["BUILDKITE_COMMAND"]);
        Assert.Equal("topic", env["BUILDKITE_BRANCH"]);
        Assert.Equal("2", env["BUILDKITE_TIMEOUT"]);
        Assert.Equal("main", env["BUILDKITE_AGENT_META_DATA_QUEUE"]);
        Assert.Equal("16", env["BUILDKITE_AGENT_META_DATA_XCODE_VERSION"]);
        Assert.Equal("$(rm -rf /)\n\0", env["EVIL"]);
    }

    private static async Task<RunningJob> InStateAsync(Service service, string state)
    {
        var job = await service.AcquireAsync();
        if (state == "canceled")
        {
            service.Cluster.Cancel(job.Id);
        }
        else if (state != "accepted")
        {
            await service.StartAsync(job);
        }

        switch (state)
        {
            case "canceling":
                service.Cluster.Cancel(job.Id);
                break;
            case "finished":
                await service.FinishAsync(job);
                break;
        }

        return job;
    }
}
