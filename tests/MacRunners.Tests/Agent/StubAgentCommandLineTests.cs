namespace MacRunners.Tests.Agent;

public sealed class StubAgentCommandLineTests : StubAgentHost
{
    [Fact]
    public async Task It_says_which_release_it_stands_in_for()
    {
        var ended = await Start("--version").WaitAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.StartsWith("buildkite-agent version 3.87.0+", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_flag_is_refused_before_any_call()
    {
        var ended = await StartFor(AddJob("true"), "--reflect-exit-status").WaitAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("flag provided but not defined: -reflect-exit-status", ended.Error, StringComparison.Ordinal);
        Assert.Empty(Server.Requests.All());
    }

    [Fact]
    public async Task Without_a_token_it_does_not_start()
    {
        var ended = await Start(ArgumentsFor(AddJob("true"))).WaitAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("Missing token.", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_build_path_it_does_not_start()
    {
        var ended = await Start("start", "--token", "x", "--acquire-job", "y").WaitAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("Missing build-path.", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Acquiring_with_more_than_one_agent_is_refused()
    {
        var ended = await StartFor(AddJob("true"), "--spawn", "2").WaitAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("You can't spawn multiple agents and acquire a job at the same time", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_can_come_from_a_file_that_can_be_read_only_once()
    {
        var job = AddJob("true");
        var pipe = Scratch["config"];
        Platform.Scratch.Shell("mkfifo \"$1\"", pipe);
        var agent = Start("start", "--config", pipe);

        await File.WriteAllTextAsync(
            pipe,
            $"""
            # token and all
            token="{Token}"
            acquire-job={job}
            endpoint={Server.Endpoint}
            build-path={Home}/builds
            sockets-path={Home}/s
            name=from-file
            """,
            TestContext.Current.CancellationToken);
        var ended = await agent.WaitAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(0, Job(job).ExitStatus);
        Assert.Equal("from-file", Job(job).Agent!.Name);
    }

    [Fact]
    public async Task A_flag_wins_over_a_variable_and_a_variable_over_the_file()
    {
        var job = AddJob("true");
        var file = Scratch["agent.cfg"];
        await File.WriteAllTextAsync(file, $"name=file\npriority=file\nbuild-path={Home}/file\nsockets-path={Home}/s\n", TestContext.Current.CancellationToken);

        var ended = await Start(
            [("BUILDKITE_AGENT_NAME", "variable"), ("BUILDKITE_BUILD_PATH", $"{Home}/variable"), ("BUILDKITE_AGENT_TOKEN", Token)],
            ["start", "--config", file, "--name", "flag", "--acquire-job", job, "--endpoint", Server.Endpoint.ToString()]).WaitAsync();

        Assert.True(ended.ExitCode == 0, ended.Error);
        Assert.Equal("flag", Job(job).Agent!.Name);
        Assert.Contains($"cd {Home}/variable/flag/", Log(job), StringComparison.Ordinal);
        Assert.Contains("\"priority\":\"file\"", Server.Requests.All("/register")[0].Body!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_can_be_json_on_standard_output()
    {
        var ended = await StartFor(AddJob("true"), "--log-format", "json").WaitAsync();

        Assert.Empty(ended.Error);
        var lines = ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches("""^\{"ts":"[^"]+","level":"[A-Z]+","msg":"[^"]*(\\"[^"]*)*".*\}$""", line));
    }
}
