namespace MacRunners.Tests.Agent;

public sealed class StubAgentEnvironmentTests : StubAgentHost
{
    [Fact]
    public async Task The_job_sees_the_own_variables_of_the_agent_but_none_of_its_flags()
    {
        var job = AddJob("env -0 > ../seen");
        var agent = Start(
            [("BUILDKITE_AGENT_TOKEN", Token), ("BUILDKITE_AGENT_TAGS_FROM_HOST", "true"), ("PLAIN", "kept")], ArgumentsFor(job));

        await agent.WaitAsync();

        var seen = Seen();
        Assert.Equal("kept", seen["PLAIN"]);
        Assert.Equal(Home, seen["HOME"]);
        Assert.False(seen.ContainsKey("BUILDKITE_AGENT_TOKEN"));
        Assert.False(seen.ContainsKey("BUILDKITE_AGENT_TAGS_FROM_HOST"));
        Assert.DoesNotContain(seen, v => v.Value.Contains(Token, StringComparison.Ordinal));
        Assert.DoesNotContain(seen, v => v.Key.StartsWith("MACRUNNERS", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_job_gets_its_own_token_and_what_the_server_and_the_agent_know()
    {
        var job = AddJob("env -0 > ../seen");

        await RunAsync(job);

        var seen = Seen();
        Assert.StartsWith("bkaj_", seen["BUILDKITE_AGENT_ACCESS_TOKEN"], StringComparison.Ordinal);
        Assert.Equal(Server.Endpoint.ToString(), seen["BUILDKITE_AGENT_ENDPOINT"]);
        Assert.Equal("host.1", seen["BUILDKITE_AGENT_NAME"]);
        Assert.Equal(job, seen["BUILDKITE_JOB_ID"]);
        Assert.Equal("test", seen["BUILDKITE_AGENT_META_DATA_OS"]);
        Assert.Equal(Scratch["hooks"], seen["BUILDKITE_HOOKS_PATH"]);
        Assert.StartsWith($"{Home}/builds/host-1/", seen["BUILDKITE_BUILD_CHECKOUT_PATH"], StringComparison.Ordinal);
        Assert.EndsWith($":{Scratch["bin"]}", seen["PATH"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_cannot_set_what_belongs_to_the_agent()
    {
        var job = AddJob(
            "env -0 > ../seen",
            ("BUILDKITE_HOOKS_PATH", "/evil"), ("BUILDKITE_SHELL", "/evil"), ("BUILDKITE_BUILD_PATH", "/evil"), ("BUILDKITE_AGENT_ACCESS_TOKEN", "evil"));

        await RunAsync(job);

        Assert.DoesNotContain("evil", Seen().Where(v => v.Key != "BUILDKITE_IGNORED_ENV").Select(v => v.Value));
        Assert.Contains("Ignored BUILDKITE_HOOKS_PATH", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_and_values_neither_break_the_job_nor_get_lost()
    {
        var job = AddJob(
            "/usr/bin/env -0 > ../seen",
            ("", "nameless"), ("A=B", "C"), ("WITH SPACE", "x"), ("LINES", "one\ntwo\n"), ("QUOTES", "'\"`$(exit 1)"), ("LD_PRELOAD", "/nowhere.so"),
            ("DOTNET_STARTUP_HOOKS", "/nowhere.dll"), ("EMPTY", ""));

        var view = await RunAsync(job);

        Assert.Equal(0, view.ExitStatus);
        var seen = Seen();
        Assert.Equal("B=C", seen["A"]);
        Assert.Equal("x", seen["WITH SPACE"]);
        Assert.Equal("one\ntwo\n", seen["LINES"]);
        Assert.Equal("'\"`$(exit 1)", seen["QUOTES"]);
        Assert.Equal("/nowhere.so", seen["LD_PRELOAD"]);
        Assert.Equal("/nowhere.dll", seen["DOTNET_STARTUP_HOOKS"]);
        Assert.Equal("", seen["EMPTY"]);
    }

    [Fact]
    public async Task A_null_byte_cannot_be_in_an_environment_so_the_job_does_not_run()
    {
        var job = AddJob("true", ("BAD", "a\0b"));

        var view = await RunAsync(job);

        Assert.Equal(-1, view.ExitStatus);
        Assert.Equal("process_run_error", view.SignalReason);
        Assert.Contains("environment variable contains NUL", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_can_choose_its_own_path_and_lose_its_tools()
    {
        var job = AddJob("true", ("PATH", "/nowhere"));

        var view = await RunAsync(job);

        Assert.Equal(1, view.ExitStatus);
        Assert.Contains("\"git\": executable file not found in $PATH", Log(job), StringComparison.Ordinal);
    }

    private Dictionary<string, string> Seen()
    {
        var file = Directory.EnumerateFiles(Path.Combine(Home, "builds"), "seen", SearchOption.AllDirectories).Single();
        return File.ReadAllText(file).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(entry => entry.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
    }
}
