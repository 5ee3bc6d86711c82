using MacRunners.Simulator.Faults;

namespace MacRunners.Tests.Agent;

public sealed class StubAgentExitCodeTests : StubAgentHost
{
    [Fact]
    public async Task A_job_that_is_over_already_is_rejected_with_27()
    {
        var job = AddJob("true");
        Server.Cluster.Cancel(job);

        var ended = await StartFor(job).WaitAsync();

        Assert.Equal(27, ended.ExitCode);
        Assert.Contains("job acquisition rejected", ended.Error, StringComparison.Ordinal);
        Assert.Equal(["POST register", "POST connect", "PUT jobs/ID/acquire", "POST disconnect"], Calls(job));
    }

    [Fact]
    public async Task A_job_that_does_not_exist_is_tried_ten_times()
    {
        var job = Guid.NewGuid().ToString();

        var ended = await StartFor(job).WaitAsync();

        Assert.Equal(1, ended.ExitCode);
        var tries = Server.Requests.All("/acquire");
        Assert.Equal(10, tries.Length);
        Assert.Equal(["0", "1", "2"], tries.Take(3).Select(r => r.Headers["X-Buildkite-Backoff-Sequence"]));
        Assert.Equal("1", tries[0].Headers["X-Buildkite-Lock-Acquire-Job"]);
    }

    [Fact]
    public async Task A_wrong_token_ends_it_at_the_first_try()
    {
        var ended = await Start([("BUILDKITE_AGENT_TOKEN", "bkct_wrong")], ArgumentsFor(AddJob("true"))).WaitAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("401", ended.Error, StringComparison.Ordinal);
        Assert.Single(Server.Requests.All("/register"));
    }

    [Fact]
    public async Task A_server_in_trouble_is_asked_again()
    {
        Server.Faults.Add(new FaultSpec { Route = "register", Status = 403, Count = 2 });
        Server.Faults.Add(new FaultSpec { Route = "connect", Status = 500, Count = 2 });
        Server.Faults.Add(new FaultSpec { Route = "jobs/*/acquire", Status = 503, Count = 2 });
        Server.Faults.Add(new FaultSpec { Route = "jobs/*/start", Status = 502, Count = 2 });
        Server.Faults.Add(new FaultSpec { Route = "jobs/*/chunks", Status = 500, Count = 2 });
        Server.Faults.Add(new FaultSpec { Route = "jobs/*/finish", Status = 404, Count = 2 });
        Server.Faults.Add(new FaultSpec { Route = "disconnect", Status = 500, Count = 2 });

        var view = await RunAsync(AddJob("true"));

        Assert.Equal(0, view.ExitStatus);
        Assert.True(view.LogComplete);
        Assert.Equal(3, Server.Requests.All("/register").Length);
        Assert.Equal(3, Server.Requests.All("/finish").Length);
        Assert.Equal(3, Server.Requests.All("/disconnect").Length);
    }

    [Fact]
    public async Task A_job_that_may_not_start_is_not_finished_either()
    {
        var job = AddJob("true");
        Server.Faults.Add(new FaultSpec { Route = "jobs/*/start", Status = 404 });

        var ended = await StartFor(job).WaitAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Empty(Server.Requests.All("/finish"));
        Assert.Single(Server.Requests.All("/disconnect"));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(422)]
    public async Task A_finish_that_is_refused_is_not_repeated(int status)
    {
        Server.Faults.Add(new FaultSpec { Route = "jobs/*/finish", Status = status });

        var ended = await StartFor(AddJob("true")).WaitAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.Single(Server.Requests.All("/finish"));
    }

    [Fact]
    public async Task A_locked_job_is_asked_for_again_when_the_server_says()
    {
        var job = AddJob("true");
        Server.Faults.Add(new FaultSpec { Route = "jobs/*/acquire", Status = 423, RetryAfter = 2, Count = 1 });

        var ended = await StartFor(job).WaitAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("Retrying in 2s", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_call_carries_the_token_of_its_kind()
    {
        var job = AddJob("true");

        await RunAsync(job);

        string Of(string path) => Server.Requests.All(path)[0].Headers["Authorization"];
        Assert.Contains("registration", Of("/register"), StringComparison.Ordinal);
        Assert.All(["/connect", "/acquire", "/disconnect"], path => Assert.Contains("session", Of(path), StringComparison.Ordinal));
        Assert.All(["/start", "/chunks", "/data/exists", "/finish"], path => Assert.Contains("job ...", Of(path), StringComparison.Ordinal));
    }
}
