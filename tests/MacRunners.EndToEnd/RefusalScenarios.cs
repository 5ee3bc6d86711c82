using System.Net;
using MacRunners.Simulator.Faults;
using MacRunners.Simulator.State;

namespace MacRunners.EndToEnd;

/// <summary>What goes wrong every day: agents that cannot be used, tokens that are refused, bad input. The daemon explains and goes on.</summary>
public abstract class RefusalScenarios(string platform)
{
    private const string Long =
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

    private static readonly Dictionary<string, string> ShortDeadline = new() { ["Jobs:StartDeadline"] = "00:00:02" };

    [Theory]
    [InlineData("exit 3", "ended with exit code 3 before it acquired")]
    [InlineData("exec sleep 300", "Jobs:StartDeadline")]
    [InlineData("trap '' QUIT TERM INT; while :; do sleep 1; done", "Jobs:StartDeadline")]
    [InlineData("kill -9 $$", "ended with exit code 137 before it acquired")]
    public async Task An_agent_that_never_takes_its_job_fails_the_job_with_the_reason(string agentScript, string reason)
    {
        using var agent = new ScriptedAgent("3.87.0", agentScript);
        await using var worker = await Worker.StartAsync(platform, ShortDeadline, agent.Path);

        var (job, report) = await worker.RunAsync("echo never");

        Assert.Equal("NotStarted", report["outcome"]!.GetValue<string>());
        Assert.Equal(-1, job.ExitStatus);
        Assert.Equal("stack_error", job.SignalReason);
        Assert.Contains(reason, job.FinishDetail, StringComparison.Ordinal);
        Assert.Contains(Environment.MachineName, job.FinishDetail, StringComparison.Ordinal);
        Assert.True(report["clean"]!.GetValue<bool>());
        Assert.Contains($"Job {job.Id} was not run", worker.ConsoleText(), StringComparison.Ordinal);
        await worker.IsCleanAsync();
    }

    [Theory]
    [InlineData("2.6.10")]
    [InlineData("99.0.0")]
    [InlineData("unknown")]
    public async Task With_an_agent_of_a_version_it_cannot_drive_no_job_is_taken(string version)
    {
        using var agent = new ScriptedAgent(version, "exit 0");
        await using var worker = await Worker.StartAsync(platform, agent: agent.Path);
        var id = worker.Queue("echo never");

        await worker.LoggedAsync("No job is taken");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await worker.HealthAsync("health/ready")).Status);
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(id).State);
        Assert.DoesNotContain(worker.Buildkite.ViewJob(id).Events, e => e.Name == "RESERVED");
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("not executable")]
    public async Task An_agent_that_cannot_be_used_any_more_is_noticed_before_another_job_is_reserved_and_jobs_go_on_when_it_is_back(string how)
    {
        await using var worker = await Worker.StartAsync(platform);
        _ = await worker.RunAsync("true");
        var agent = Path.Combine(worker.Machine.Folder, "bin", "buildkite-agent");

        if (how == "removed")
        {
            File.Move(agent, agent + ".away");
            await worker.LoggedAsync("does not exist");
        }
        else
        {
            File.SetUnixFileMode(agent, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await worker.LoggedAsync("is not executable");
        }

        var id = worker.Queue("echo later");
        await worker.UntilAsync(() => worker.Machine.Buildkite.Requests.All().Count(r => r.Path.EndsWith("/scheduled-jobs", StringComparison.Ordinal)) > 3, "it polls on");
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(id).State);
        if (how == "removed")
        {
            File.Move(agent + ".away", agent);
        }
        else
        {
            File.SetUnixFileMode(agent, (UnixFileMode)0b111_101_101);
        }


        Assert.Equal(0, (await worker.EndedAsync(id)).ExitStatus);
    }

    [Fact]
    public async Task A_wrong_token_is_said_and_nothing_is_taken()
    {
        await using var worker = await Worker.InstallAsync(platform);
        await File.WriteAllTextAsync(Path.Combine(worker.Machine.Folder, "etc", "token"), "bkct_wrong", TestContext.Current.CancellationToken);
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);

        await worker.LoggedAsync("The agent token was refused");
        var (status, _) = await worker.HealthAsync("health/ready");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.DoesNotContain("bkct_wrong", worker.ConsoleText(), StringComparison.Ordinal);
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_used_up_stack_quota_is_said_with_the_remedy()
    {
        await using var worker = await Worker.StartAsync(platform, buildkite: new() { ClusterTokens = [], StackQuota = 0 });

        await worker.LoggedAsync("have the quota raised");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await worker.HealthAsync("health/ready")).Status);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(null)]
    public async Task Without_an_acquisition_token_no_agent_is_started(int? status)
    {
        await using var worker = await Worker.StartAsync(platform);
        var fault = status is { } code
            ? new FaultSpec { Route = "/stacks/*/job-acquisition-tokens", Status = code }
            : new FaultSpec { NotIssued = "*" };
        _ = worker.Machine.Buildkite.Faults.Add(fault);

        var (job, report) = await worker.RunAsync("echo never");

        Assert.Equal("NotStarted", report["outcome"]!.GetValue<string>());
        Assert.Equal(-1, job.ExitStatus);
        Assert.Contains("acquisition token", job.FinishDetail, StringComparison.Ordinal);
        Assert.Null(job.Agent);
        Assert.DoesNotContain(worker.Machine.Buildkite.Requests.All(), request => request.Path == "/v3/register");

        worker.Machine.Buildkite.Faults.Clear();
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_paused_queue_is_left_alone_until_it_runs_again()
    {
        await using var worker = await Worker.StartAsync(platform);
        _ = worker.Buildkite.Pause("default", true);
        var id = worker.Queue("echo later");

        await worker.LoggedAsync("The queue is paused");
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(id).State);
        _ = worker.Buildkite.Pause("default", false);

        Assert.Equal(0, (await worker.EndedAsync(id)).ExitStatus);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("not a uuid; touch /tmp/owned")]
    [InlineData(Long)]
    public async Task A_job_whose_id_is_no_uuid_is_not_touched_and_the_others_run(string id)
    {
        await using var worker = await Worker.StartAsync(platform);

        _ = worker.Buildkite.AddJob(new JobSpec { Command = "echo never", Id = id });
        var (job, _) = await worker.RunAsync("true");

        Assert.Equal(0, job.ExitStatus);
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(id).State);
        await worker.UntilAsync(() => worker.Machine.Buildkite.Requests.All("/scheduled-jobs").Length > 4, "it has polled again and again");
        Assert.Single(worker.ConsoleText().Split('\n'), line => line.Contains("is no UUID", StringComparison.Ordinal));
        Assert.False(File.Exists("/tmp/owned"));
    }

    [Fact]
    public async Task Without_a_token_the_daemon_does_not_start_and_one_that_vanishes_stays_in_use_and_is_reported()
    {
        await using var worker = await Worker.InstallAsync(platform);
        var token = Path.Combine(worker.Machine.Folder, "etc", "token");
        File.Move(token, token + ".away");

        Assert.False(await worker.Machine.TryStartDaemonAsync(TestContext.Current.CancellationToken));
        Assert.Equal(78, await worker.Machine.WaitForDaemonAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Buildkite:TokenFile", worker.ConsoleText(), StringComparison.Ordinal);

        File.Move(token + ".away", token);
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        File.Move(token, token + ".away");
        await worker.LoggedAsync("The previous one stays in use; put the file right");
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
    }

    [Fact]
    public async Task A_configuration_with_many_faults_is_refused_with_all_of_them()
    {
        await using var worker = await Worker.InstallAsync(platform, new Dictionary<string, string>
        {
            ["Jobs:Slots"] = "0",
            ["Jobs:Timeout"] = "soon",
            ["Jobz:Slots"] = "1",
            ["Buildkite:Endpoint"] = "http://example.com/v3",
            ["Buildkite:Tags:0"] = "no-equals-sign",
            ["Agent:Path"] = "/nonexistent/buildkite-agent",
            ["Agent:Flags:0"] = "--token=x",
            ["Paths:State"] = "relative",
        });

        Assert.False(await worker.Machine.TryStartDaemonAsync(TestContext.Current.CancellationToken));
        var exitCode = await worker.Machine.WaitForDaemonAsync(TestContext.Current.CancellationToken);

        Assert.NotEqual(0, exitCode);
        var said = worker.ConsoleText();
        Assert.All(
            (string[])["Jobs:Slots", "Jobs:Timeout", "Jobz", "Buildkite:Endpoint", "Buildkite:Tags", "Agent:Path", "Agent:Flags", "Paths:State"],
            key => Assert.Contains(key, said, StringComparison.Ordinal));
    }
}

/// <summary>Real accounts of the host.</summary>
public class RefusalsOnLinux() : RefusalScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class RefusalsOnMacOS() : RefusalScenarios("macos");
