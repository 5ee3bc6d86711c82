namespace MacRunners.Tests.Agent;

public sealed class StubAgentRunsJobsTests : StubAgentHost
{
    [Fact]
    public async Task A_job_that_passes_goes_through_the_calls_of_a_real_agent_in_their_order()
    {
        var job = AddJob("echo hello");

        var view = await RunAsync(job);

        Assert.Equal("finished", view.State);
        Assert.Equal(0, view.ExitStatus);
        Assert.Null(view.SignalReason);
        Assert.True(view.LogComplete);
        Assert.Contains("~~~ Preparing working directory\n", Log(job), StringComparison.Ordinal);
        Assert.Contains("~~~ Running commands\n", Log(job), StringComparison.Ordinal);
        Assert.Contains("\nhello\n", Log(job), StringComparison.Ordinal);
        Assert.Equal(
            [
                "POST register", "POST connect", "PUT jobs/ID/acquire", "PUT jobs/ID/start", "POST jobs/ID/data/exists",
                "POST jobs/ID/data/set", "PUT jobs/ID/finish", "POST disconnect",
            ],
            Calls(job));
    }

    [Fact]
    public async Task A_job_that_fails_reports_its_status_and_the_agent_still_exits_with_0()
    {
        var job = AddJob("echo before; exit 7");

        var view = await RunAsync(job);

        Assert.Equal(7, view.ExitStatus);
        Assert.Contains("The command exited with status 7", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_killed_by_a_signal_ends_the_job_with_255()
    {
        var job = AddJob("kill -KILL $$");

        var view = await RunAsync(job);

        Assert.Equal(255, view.ExitStatus);
        Assert.Contains("The command was interrupted by a signal: signal: killed", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commit_is_really_checked_out_and_reported()
    {
        var job = AddJob("cat src/answer.txt; git --no-pager log -1 --format=subject:%s; pwd");

        var view = await RunAsync(job);

        Assert.Contains("\n42\n", Log(job), StringComparison.Ordinal);
        Assert.Contains("subject:Demo", Log(job), StringComparison.Ordinal);
        Assert.Contains($"\n{Home}/builds/host-1/", Log(job), StringComparison.Ordinal);
        Assert.StartsWith("commit ", view.MetaData["buildkite:git:commit"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_job_in_the_same_folder_is_cleaned_and_fetched_instead_of_cloned()
    {
        await RunAsync(AddJob("touch leftover"));
        var job = AddJob("test ! -e leftover");

        var view = await RunAsync(job);

        Assert.Equal(0, view.ExitStatus);
        Assert.DoesNotContain("git clone", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_that_is_not_there_fails_the_job_with_the_status_of_git()
    {
        var job = Server.Cluster.AddJob(new() { Command = "true", Repo = "file:///nowhere/at/all.git" });

        var view = await RunAsync(job);

        Assert.Equal(128, view.ExitStatus);
        Assert.Contains("Checkout failed!", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_without_a_branch_is_no_job()
    {
        var job = AddJob("true", ("BUILDKITE_BRANCH", ""));

        var view = await RunAsync(job);

        Assert.Equal(1, view.ExitStatus);
        Assert.Contains("Missing branch.", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_run_as_session_leaders_on_a_terminal_of_their_own()
    {
        var job = AddJob("test -t 0 && test -t 1 && test $(ps -o sid= -p $$) = $$ && echo on $(tty) $(stty size)");

        await RunAsync(job);

        Assert.Matches(@"\non /dev/pts/\d+ 100 160\n", Log(job));
    }

    [Fact]
    public async Task Without_a_terminal_commands_lead_a_process_group_and_leftovers_hold_the_job()
    {
        var job = AddJob("test ! -t 1; test $(ps -o pgid= -p $$) = $$; (sleep 1; echo late) & echo early");

        var view = await RunAsync(job, "--no-pty");

        Assert.Equal(0, view.ExitStatus);
        Assert.Contains("early\nlate\n", Log(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_detached_child_that_keeps_the_terminal_does_not_hold_the_job()
    {
        var job = AddJob("setsid -f sh -c 'echo $$ > ../pid; exec sleep 1000'; until test -s ../pid; do sleep 0.01; done");

        var view = await RunAsync(job);

        Assert.Equal(0, view.ExitStatus);
        var pid = File.ReadAllText(Directory.EnumerateFiles(Home, "pid", SearchOption.AllDirectories).Single()).Trim();
        Assert.Equal("sleep", Platform.Scratch.Shell("ps -o comm= -p \"$1\" && kill -KILL \"$1\"", pid).Trim());
    }

    [Fact]
    public async Task Nothing_but_the_checkout_is_left_of_the_files_of_the_agent()
    {
        await RunAsync(AddJob("ls $BUILDKITE_ENV_FILE $BUILDKITE_ENV_JSON_FILE $BUILDKITE_AGENT_JOB_API_SOCKET"));

        Assert.Empty(Directory.EnumerateFileSystemEntries(Scratch["tmp"]));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Home, "s", "job-api")));
    }

    [Fact]
    public async Task Too_long_a_path_for_the_job_api_fails_the_job()
    {
        var job = AddJob("true");

        var view = await RunAsync(job, "--sockets-path", Path.Combine(Home, new string('x', 100)));

        Assert.Equal(1, view.ExitStatus);
        Assert.Contains("Error setting up Job API", Log(job), StringComparison.Ordinal);
    }
}
