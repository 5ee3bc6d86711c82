namespace MacRunners.Tests.Agent;

public sealed class StubAgentHookTests : StubAgentHost
{
    [Fact]
    public async Task Hooks_run_around_checkout_and_command_in_the_order_of_the_agent()
    {
        string[] names = ["environment", "pre-checkout", "post-checkout", "pre-command", "post-command", "pre-exit"];
        foreach (var name in names)
        {
            WriteHook(name, $"echo hook:{name}");
        }

        var job = AddJob("echo hook:COMMAND");
        await RunAsync(job);

        var seen = Log(job).Split('\n').Where(line => line.StartsWith("hook:", StringComparison.Ordinal)).Select(line => line[5..]);
        Assert.Equal(["environment", "pre-checkout", "post-checkout", "pre-command", "COMMAND", "post-command", "pre-exit"], seen);
    }

    [Fact]
    public async Task What_a_hook_exports_and_unsets_holds_for_the_command()
    {
        WriteHook("environment", "#!/bin/bash\nexport GREETING='hello there'\nunset DROPPED\n");
        var job = AddJob("echo \"$GREETING\"");

        await RunAsync(job);

        Assert.Contains("\nhello there\n", Log(job), StringComparison.Ordinal);
        Assert.Contains("# GREETING added", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_that_blanks_the_repository_avoids_the_checkout()
    {
        WriteHook("environment", "export BUILDKITE_REPO=");
        var job = AddJob("pwd; ls -A | wc -l");

        var view = await RunAsync(job);

        Assert.Equal(0, view.ExitStatus);
        Assert.Contains("Skipping checkout", Log(job), StringComparison.Ordinal);
        Assert.Contains($"\n{Scratch["tmp"]}/buildkite-job-{job}", Log(job), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Scratch["tmp"]));
    }

    [Fact]
    public async Task A_command_hook_takes_the_place_of_the_command()
    {
        WriteHook("command", "echo instead; exit 5");
        var job = AddJob("echo never");

        var view = await RunAsync(job);

        Assert.Equal(5, view.ExitStatus);
        Assert.Contains("\ninstead\n", Log(job), StringComparison.Ordinal);
        Assert.DoesNotContain("\nnever\n", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_pre_command_hook_fails_the_job_but_not_its_pre_exit_hook()
    {
        WriteHook("pre-command", "exit 4");
        WriteHook("pre-exit", "echo at the end");
        var job = AddJob("echo never");

        var view = await RunAsync(job);

        Assert.Equal(4, view.ExitStatus);
        Assert.Contains("The global pre-command hook exited with status 4", Log(job), StringComparison.Ordinal);
        Assert.Contains("at the end", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pre_bootstrap_hook_can_refuse_a_job_by_its_variables()
    {
        WriteHook("pre-bootstrap", "grep -q '^ALLOWED=' $BUILDKITE_ENV_FILE && ! grep -q bkct_ $BUILDKITE_ENV_JSON_FILE");
        var refused = AddJob("echo ran");
        var allowed = AddJob("echo ran", ("ALLOWED", "yes"));

        var view = await RunAsync(refused);
        await RunAsync(allowed);

        Assert.Equal(-1, view.ExitStatus);
        Assert.Equal("agent_refused", view.SignalReason);
        Assert.Equal(0, Job(allowed).ExitStatus);
    }

    [Fact]
    public async Task A_startup_hook_that_fails_ends_the_agent_and_a_shutdown_hook_runs_always()
    {
        WriteHook("agent-shutdown", $"echo bye > {Home}/bye");
        var good = await StartFor(AddJob("true")).WaitAsync();
        WriteHook("agent-startup", "exit 1");
        var bad = await StartFor(AddJob("true")).WaitAsync();

        Assert.Equal(0, good.ExitCode);
        Assert.True(File.Exists($"{Home}/bye"));
        Assert.Equal(1, bad.ExitCode);
    }

    [Fact]
    public async Task Repositories_that_are_not_allowed_are_refused()
    {
        var view = await RunAsync(AddJob("true"), "--allowed-repositories", "^git@example.com:");

        Assert.Equal(-1, view.ExitStatus);
        Assert.Equal("agent_refused", view.SignalReason);
    }
}
