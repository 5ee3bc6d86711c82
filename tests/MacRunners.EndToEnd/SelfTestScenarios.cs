using System.Net;
using System.Text.Json.Nodes;
using MacRunners.MacEmulator.Faults;

namespace MacRunners.EndToEnd;

/// <summary>A machine that cannot run jobs keeps away from them, says so, and comes back by itself.</summary>
public abstract class SelfTestScenarios(string platform)
{
    private protected const int MostFailures = 3;

    /// <summary>Of the daemon, after a failure and before the next self-test.</summary>
    private protected static readonly TimeSpan ShortestPause = TimeSpan.FromMinutes(1);

    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_job_waits_until_the_machine_has_tested_itself()
    {
        await using var worker = await Worker.InstallAsync(platform);
        var gate = Path.Combine(worker.Machine.Folder, "gate");
        HoldVersion(worker, gate);
        var id = worker.Queue("./hello.sh");
        await worker.Machine.StartDaemonAsync(Cancel);

        await worker.UntilAsync(() => worker.Machine.Buildkite.Requests.All("/scheduled-jobs").Length >= 2, "it polls");
        var (status, ready) = await worker.HealthAsync("health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("self-test", ready["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain(worker.Buildkite.ViewJob(id).Events, e => e.Name == "RESERVED");
        await File.WriteAllTextAsync(gate, "", Cancel);

        // Should the test have taken too long for its limit, it is repeated after the first pause.
        await worker.UntilAsync(() => worker.Machine.Report(id) is not null, "the job has a report", ShortestPause);
        Assert.Equal(0, worker.Buildkite.ViewJob(id).ExitStatus);
        Assert.Equal("1", await worker.MetricAsync("macrunners_selftests_total{result=\"passed\"}"));
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task After_three_jobs_whose_agent_left_before_it_had_them_the_others_stay_in_the_queue()
    {
        using var agent = new ScriptedAgent("3.87.0", "exit 3");
        await using var worker = await Worker.StartAsync(platform, agent: agent.Path);

        for (var i = 0; i < MostFailures; i++)
        {
            var (job, _) = await worker.RunAsync("echo never");
            Assert.Equal(-1, job.ExitStatus);
        }

        await KeepsAwayAsync(worker);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_whose_agent_does_not_take_it_says_on_its_page_what_it_waits_for()
    {
        using var agent = new ScriptedAgent("3.87.0", "exec sleep 300");
        await using var worker = await Worker.StartAsync(
            platform, new Dictionary<string, string> { ["Jobs:NotifyAfter"] = "00:00:01", ["Jobs:StartDeadline"] = "00:00:10" }, agent.Path);

        var id = worker.Queue("echo never");
        await worker.UntilAsync(() => Notices(worker, id).Count > 0, "the job's page has a notice");

        Assert.Contains($"Waiting for its agent to take it on {Environment.MachineName}", Notices(worker, id)[0], StringComparison.Ordinal);
        _ = await worker.EndedAsync(id);
    }

    /// <summary>Notices on a job's page.</summary>
    private protected static List<string> Notices(Worker worker, string id) =>
        [.. worker.Buildkite.ViewJob(id).Events.Where(e => e.Name == "STACK_NOTIFICATION").Select(e => e.Detail!)];

    /// <summary>Three jobs could not be started: the next one is not taken, and everybody can see why.</summary>
    /// <returns>The job that waits.</returns>
    private protected static async Task<string> KeepsAwayAsync(Worker worker)
    {
        await worker.LoggedAsync("No job is taken: 3 jobs in a row could not be started by this machine's own fault");
        var waiting = worker.Queue("./hello.sh");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await worker.HealthIsAsync("unhealthy"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await worker.HealthAsync("health/ready")).Status);
        var check = default(JsonNode);
        await worker.UntilAsync(
            async () =>
            {
                check = (await worker.HealthAsync()).Body["checks"]!.AsArray().Single(check => check!["name"]!.GetValue<string>() == "selftest")!;
                return check["detail"]!.GetValue<string>() == "3 jobs in a row could not be started by this machine's own fault";
            },
            "the check says why",
            ShortestPause);
        Assert.Contains("repeated by itself", check!["remedy"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull(check["since"]);
        Assert.Equal("3", await worker.MetricAsync("macrunners_consecutive_start_failures"));
        var polls = worker.Machine.Buildkite.Requests.All("/scheduled-jobs").Length;
        await worker.UntilAsync(() => worker.Machine.Buildkite.Requests.All("/scheduled-jobs").Length >= polls + 2, "it polls on");
        Assert.DoesNotContain(worker.Buildkite.ViewJob(waiting).Events, e => e.Name == "RESERVED");
        return waiting;
    }

    // The agent itself, but in an account its --version waits for the gate.
    private static void HoldVersion(Worker worker, string gate)
    {
        const UnixFileMode Everybody = (UnixFileMode)0b111_101_101;
        var agent = Path.Combine(worker.Machine.Folder, "bin", "buildkite-agent");
        var real = Path.Combine(Directory.CreateDirectory(Path.Combine(worker.Machine.Folder, "real"), Everybody).FullName, "buildkite-agent");
        File.Move(agent, real);
        File.WriteAllText(agent, $"""
            #!/bin/sh
            if [ "$1" = --version ] && [ "$(id -u)" != 0 ]; then until [ -e {gate} ]; do sleep 0.05; done; fi
            exec {real} "$@"

            """);
        File.SetUnixFileMode(agent, Everybody);
    }
}

/// <summary>Real accounts of the host.</summary>
public class SelfTestOnLinux() : SelfTestScenarios("linux");

/// <summary>The macOS code, over the emulator, whose directory service can be made to fail.</summary>
[Trait("platform", "macos")]
public class SelfTestOnMacOS() : SelfTestScenarios("macos")
{
    [Fact]
    public async Task A_directory_that_fails_costs_three_jobs_and_a_canary_brings_the_machine_back()
    {
        await using var worker = await Worker.StartAsync("macos");
        await worker.ReadyAsync();
        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Add(new FaultRule { Tool = "dscl", Verb = "create", Flake140 = int.MaxValue });

        for (var i = 0; i < MostFailures; i++)
        {
            var (job, report) = await worker.RunAsync("echo never");
            Assert.Equal(-1, job.ExitStatus);
            Assert.Contains("failed with exit code 140", job.FinishDetail, StringComparison.Ordinal);
            Assert.True(report["clean"]!.GetValue<bool>());
        }

        var waiting = await KeepsAwayAsync(worker);
        control.Clear();

        await worker.UntilAsync(() => worker.Machine.Report(waiting) is not null, "the job that waited has a report", ShortestPause);
        Assert.Equal(0, worker.Buildkite.ViewJob(waiting).ExitStatus);
        Assert.Equal("2", await worker.MetricAsync("macrunners_selftests_total{result=\"passed\"}"));
        Assert.Equal("0", await worker.MetricAsync("macrunners_consecutive_start_failures"));
        Assert.Equal(HttpStatusCode.OK, await worker.HealthIsAsync("healthy"));
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_slow_directory_is_told_on_the_jobs_page()
    {
        await using var worker = await Worker.StartAsync("macos", new Dictionary<string, string> { ["Jobs:NotifyAfter"] = "00:00:01" });
        await worker.ReadyAsync();
        new EmulatorControl(worker.Machine.EmulatorRoot).Add(new FaultRule { Tool = "dscl", Verb = "create", DelayMs = 1000 });

        var (job, _) = await worker.RunAsync("./hello.sh");

        Assert.Equal(0, job.ExitStatus);
        Assert.Contains(Notices(worker, job.Id), notice => notice.StartsWith($"Waiting for its account on {Environment.MachineName}", StringComparison.Ordinal));
        await worker.IsCleanAsync();
    }
}
