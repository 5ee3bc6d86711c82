namespace MacRunners.Tests.Agent;

public sealed class StubAgentSignalTests : StubAgentHost
{
    private const string UntilFree = "echo ready; until test -e free; do sleep 0.05; done; echo free";

    [Fact]
    public async Task A_cancelled_job_gets_the_signal_and_its_hooks_still_run()
    {
        WriteHook("pre-exit", "echo cleaning up");
        var job = AddJob("trap 'echo got term; exit 9' TERM; echo ready; while :; do sleep 0.05; done");
        var agent = StartFor(job);
        await WaitForLogAsync(job, "ready");

        Server.Cluster.Cancel(job);
        var ended = await agent.WaitAsync();

        Assert.Equal(0, ended.ExitCode);
        var view = Job(job);
        Assert.Equal("canceled", view.State);
        Assert.Equal(-1, view.ExitStatus);
        Assert.Equal("SIGTERM", view.Signal);
        Assert.Equal("cancel", view.SignalReason);
        Assert.Contains("Received cancellation signal, interrupting", Log(job), StringComparison.Ordinal);
        Assert.Contains("got term", Log(job), StringComparison.Ordinal);
        Assert.Contains("cleaning up", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_ignores_the_signal_is_killed_after_the_signal_grace()
    {
        var job = AddJob("trap '' TERM; echo ready; while :; do sleep 0.05; done");
        var agent = StartFor(job, "--cancel-grace-period", "3", "--signal-grace-period-seconds", "1");
        await WaitForLogAsync(job, "ready");

        Server.Cluster.Cancel(job);
        await agent.WaitAsync();

        Assert.Equal("SIGTERM", Job(job).Signal);
        Assert.Contains("signal: killed", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_that_outlives_the_cancel_grace_is_killed_with_the_bootstrap()
    {
        WriteHook("post-command", "trap '' TERM HUP; echo stubborn; exec sleep 1000");
        var job = AddJob("echo ready; sleep 1000");
        var agent = StartFor(job, "--cancel-grace-period", "2", "--signal-grace-period-seconds", "1");
        await WaitForLogAsync(job, "ready");

        Server.Cluster.Cancel(job);
        await agent.WaitAsync();

        Assert.Equal("SIGKILL", Job(job).Signal);
        Assert.Equal("cancel", Job(job).SignalReason);
    }

    [Fact]
    public async Task The_cancel_signal_can_be_chosen()
    {
        var job = AddJob("trap 'echo got int; exit 0' INT; echo ready; while :; do sleep 0.05; done");
        var agent = StartFor(job, "--cancel-signal", "SIGINT");
        await WaitForLogAsync(job, "ready");

        Server.Cluster.Cancel(job);
        await agent.WaitAsync();

        Assert.Equal("SIGINT", Job(job).Signal);
        Assert.Contains("got int", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_sigterm_lets_the_job_end()
    {
        var job = AddJob(UntilFree);
        var agent = StartFor(job);
        await WaitForLogAsync(job, "ready");

        agent.Signal("TERM");
        await WaitForAsync(() => Heartbeats() > 0);
        Assert.False(agent.HasExited);
        Free(job);
        var ended = await agent.WaitAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(0, Job(job).ExitStatus);
        Assert.Contains("Waiting for current job to finish", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM", "TERM")]
    [InlineData("INT", "TERM")]
    [InlineData("HUP", "QUIT")]
    public async Task Two_signals_or_a_sigquit_stop_the_job(string first, string second)
    {
        var job = AddJob(UntilFree);
        var agent = StartFor(job);
        await WaitForLogAsync(job, "ready");

        agent.Signal(first);
        if (first == second)
        {
            // A signal that is still pending swallows another one of its kind.
            await agent.SaysAsync("send again");
        }

        agent.Signal(second);
        var ended = await agent.WaitAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal("agent_stop", Job(job).SignalReason);
        Assert.Equal("SIGTERM", Job(job).Signal);
        Assert.Single(Server.Requests.All("/disconnect"));
    }

    [Fact]
    public async Task A_sighup_is_ignored()
    {
        var job = AddJob(UntilFree);
        var agent = StartFor(job);
        await WaitForLogAsync(job, "ready");

        agent.Signal("HUP");
        agent.Signal("HUP");
        Free(job);
        await agent.WaitAsync();

        Assert.Equal(0, Job(job).ExitStatus);
    }

    [Fact]
    public async Task A_killed_agent_leaves_the_job_running()
    {
        var job = AddJob("echo ready; sleep 1000");
        var agent = StartFor(job);
        await WaitForLogAsync(job, "ready");

        agent.Signal("KILL");
        var ended = await agent.WaitAsync();

        Assert.Equal(128 + 9, ended.ExitCode);
        Assert.Equal("running", Job(job).State);
        Assert.Empty(Server.Requests.All("/disconnect"));
    }

    [Fact]
    public async Task A_refused_heartbeat_stops_the_job()
    {
        var job = AddJob(UntilFree);
        Server.Faults.Add(new() { Route = "heartbeat", Status = 404 });

        await StartFor(job).WaitAsync();

        Assert.Equal("agent_stop", Job(job).SignalReason);
    }

    [Fact]
    public async Task Asked_for_its_health_it_says_whether_it_is_busy()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var address = listener.LocalEndpoint.ToString()!;
        listener.Stop();
        var job = AddJob(UntilFree);
        var agent = StartFor(job, "--health-check-addr", address);
        await WaitForLogAsync(job, "ready");

        using var http = new HttpClient();
        var status = await http.GetStringAsync($"http://{address}/status.json", TestContext.Current.CancellationToken);
        Free(job);
        await agent.WaitAsync();

        Assert.Contains("\"aggregate_status\":\"busy\"", status, StringComparison.Ordinal);
    }

    private int Heartbeats() => Server.Requests.All("/heartbeat").Length;

    private void Free(string job)
    {
        Assert.Equal("running", Job(job).State);
        var folder = Directory.EnumerateFiles(Path.Combine(Home, "builds"), "hello.sh", SearchOption.AllDirectories).Single();
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(folder)!, "free"), "");
    }
}
