using System.Globalization;

namespace MacRunners.EndToEnd;

/// <summary>The daemon is killed under a running job and started again: the job must not notice.</summary>
public abstract class AdoptionScenarios(string platform)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_running_job_goes_on_and_passes()
    {
        await using var worker = await Worker.StartAsync(platform);
        var gate = Gate(worker);
        var id = worker.Queue($"touch /tmp/leftover-$BUILDKITE_JOB_ID; echo begins; {Wait(gate)}; echo ends; exit 7");
        await worker.PrintsAsync(id, "begins");

        await RestartUnderAsync(worker, id);
        Open(gate);
        var job = await worker.EndedAsync(id);

        Assert.Equal(("finished", 7), (job.State, job.ExitStatus));
        Assert.True(job.LogComplete);
        Assert.Contains("begins", Worker.Printed(job));
        Assert.Contains("ends", Worker.Printed(job));
        Assert.Single(job.Events, e => e.Name == "STARTED");
        var report = worker.Machine.Report(id)!;
        Assert.Equal("Finished", report["outcome"]!.GetValue<string>());
        Assert.True(report["clean"]!.GetValue<bool>());
        Assert.Contains(report["found"]!.AsArray(), found => found!["detail"]!.GetValue<string>().EndsWith($"leftover-{id}", StringComparison.Ordinal));

        // Taken up again is not the same as started again: the daemon is what it was before.
        Assert.Equal(0, (await worker.RunAsync("./hello.sh")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task Its_time_limit_counts_from_its_real_start()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string>
        {
            ["Jobs:Timeout"] = "00:00:05",
            ["Jobs:CancelGrace"] = "00:00:03",
        });
        var id = worker.Queue("for tick in $(seq 300); do echo tick $tick; sleep 1; done");
        await worker.PrintsAsync(id, "tick 1");
        await worker.KillAsync();

        // While nobody watches, the limit passes.
        await worker.PrintsAsync(id, "tick 7");
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.LoggedAsync("TimedOut");
        var report = await ReportAsync(worker, id);

        Assert.Equal("TimedOut", report["outcome"]!.GetValue<string>());
        Assert.Equal("agent_stop", worker.Buildkite.ViewJob(id).SignalReason);
        var phases = report["phases"]!;
        Assert.True(phases["agentStart"]!.GetValue<double>() + phases["run"]!.GetValue<double>() >= 6, phases.ToJsonString());
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_that_is_being_cancelled_at_Buildkite_ends_as_cancelled()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string> { ["Jobs:CancelGrace"] = "00:00:30" });
        var gate = Gate(worker);
        var id = worker.Queue($"trap 'echo asked; {Wait(gate)}; exit 3' TERM INT; echo begins; while :; do sleep 0.1; done");
        await worker.PrintsAsync(id, "begins");
        _ = worker.Buildkite.Cancel(id);
        await worker.PrintsAsync(id, "asked");

        await RestartUnderAsync(worker, id);
        Open(gate);
        var job = await worker.EndedAsync(id);

        Assert.Equal("canceled", job.State);
        Assert.Equal("Cancelled", worker.Machine.Report(id)!["outcome"]!.GetValue<string>());
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_that_the_daemon_was_ending_ends_for_the_same_cause()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string>
        {
            ["Jobs:Timeout"] = "00:00:03",
            ["Jobs:CancelGrace"] = "00:00:30",
        });
        var gate = Gate(worker);
        var id = worker.Queue($"trap 'echo asked; {Wait(gate)}; exit 3' TERM INT; echo begins; while :; do sleep 0.1; done");
        await worker.PrintsAsync(id, "asked");

        await RestartUnderAsync(worker, id);
        Open(gate);
        var job = await worker.EndedAsync(id);

        Assert.Equal("agent_stop", job.SignalReason);
        Assert.Equal("TimedOut", worker.Machine.Report(id)!["outcome"]!.GetValue<string>());
        Assert.Single(Worker.Printed(job), "asked");
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_log_that_flows_at_10_MB_a_second_is_complete()
    {
        // With the limit the job's output also flows through the agent's own, and so through the pipe that the daemon reads.
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string>
        {
            ["Jobs:NoOutputTimeout"] = "01:00:00",
            ["Jobs:MaxAgentOutputBytes"] = "1000000000",
        });
        const int lines = 600_000;
        var id = worker.Queue($$"""
            exec awk 'BEGIN { for (line = 1; line <= {{lines}}; line++) { print "line " line " of a flood of text that goes on and on"; if (line % 20000 == 0) { fflush(); system("sleep 0.1") } } }'
            """);
        await worker.PrintsAsync(id, "line 20000 of");

        await RestartUnderAsync(worker, id);
        var job = await worker.EndedAsync(id);

        Assert.Equal(0, job.ExitStatus);
        Assert.True(job.LogComplete);
        var numbers = Worker.Printed(job)
            .Where(line => line.StartsWith("line ", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
        Assert.Equal(Enumerable.Range(1, lines), numbers);

        // On the machine's own copy a kill costs at most what was read from the pipe and not yet written.
        var kept = await File.ReadAllTextAsync(Path.Combine(worker.Machine.Logs, "jobs", $"{id}.agent.log"), Cancel);
        Assert.Contains("line 20000 of", kept, StringComparison.Ordinal);
        Assert.Contains($"line {lines} of", kept, StringComparison.Ordinal);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_that_ended_meanwhile_is_reported_as_it_ended()
    {
        await using var worker = await Worker.StartAsync(platform);
        var gate = Gate(worker);
        var id = worker.Queue($"echo begins; {Wait(gate)}; exit 5");
        await worker.PrintsAsync(id, "begins");

        await worker.KillAsync();
        Open(gate);
        await worker.StateAsync(id, "finished");
        await worker.UntilAsync(() => !worker.AgentLives(id), "the agent has left");
        await worker.Machine.StartDaemonAsync(Cancel);
        var job = await worker.EndedAsync(id);

        Assert.Equal(5, job.ExitStatus);
        Assert.Equal("Finished", worker.Machine.Report(id)!["outcome"]!.GetValue<string>());
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_job_whose_agent_died_with_the_daemon_is_cleaned_up_and_reported_as_lost()
    {
        await using var worker = await Worker.StartAsync(platform);
        var id = worker.Queue("touch /tmp/k-$BUILDKITE_JOB_ID; setsid sleep 300 & echo begins; sleep 300");
        await worker.PrintsAsync(id, "begins");
        await worker.KillAsync();
        worker.KillAgent(id);
        Assert.NotEmpty(worker.Machine.Leftovers());

        await worker.Machine.StartDaemonAsync(Cancel);
        _ = await worker.EndedAsync(id);

        var report = worker.Machine.Report(id)!;
        Assert.Equal("Lost", report["outcome"]!.GetValue<string>());
        Assert.Contains("declare the agent lost", report["why"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(report["clean"]!.GetValue<bool>());
        Assert.Contains($"Job {id} was left behind", worker.ConsoleText(), StringComparison.Ordinal);
        Assert.Equal(0, (await worker.RunAsync("./hello.sh")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task Of_two_jobs_the_living_one_goes_on_while_the_dead_one_is_cleaned_up()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string> { ["Jobs:Slots"] = "2" });
        var gate = Gate(worker);
        var living = worker.Queue($"touch /tmp/living-$BUILDKITE_JOB_ID; echo begins; {Wait(gate)}; ls /tmp/living-$BUILDKITE_JOB_ID && echo ends");
        var dying = worker.Queue("touch /tmp/dying-$BUILDKITE_JOB_ID; echo begins; sleep 300");
        await worker.PrintsAsync(living, "begins");
        await worker.PrintsAsync(dying, "begins");

        await worker.KillAsync();
        worker.KillAgent(dying);
        await worker.Machine.StartDaemonAsync(Cancel);
        _ = await worker.EndedAsync(dying);
        Assert.False(File.Exists($"/tmp/dying-{dying}"));
        Open(gate);
        var job = await worker.EndedAsync(living);

        Assert.Equal(0, job.ExitStatus);
        Assert.Contains("ends", Worker.Printed(job));
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_daemon_in_which_a_job_s_session_fails_ends_at_once_and_the_other_job_goes_on()
    {
        await using var worker = await Worker.InstallAsync(platform, new Dictionary<string, string> { ["Jobs:Slots"] = "2" }, faulty: true);
        var other = PatientJob.Queue(worker);
        await worker.StartFaultyAsync(("FAULT_FAIL", "before:agentEnded:1"));
        await other.RunsAsync();
        var id = worker.Queue("true");

        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel))
        {
            // Long before Lifecycle:StopTimeout, which a stop would wait for.
            patience.CancelAfter(TimeSpan.FromSeconds(60));
            Assert.Equal(1, await worker.Machine.WaitForDaemonAsync(patience.Token));
        }

        Assert.Contains($"The session of job {id} failed", worker.ConsoleText(), StringComparison.Ordinal);
        Assert.True(worker.AgentLives(other.Id));
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.LoggedAsync($"Job {other.Id} goes on");
        Assert.Equal(0, (await worker.EndedAsync(id)).ExitStatus);
        Assert.Equal("Finished", worker.Machine.Report(id)!["outcome"]!.GetValue<string>());
        other.Release();

        await other.PassedOnceAsync();
        await worker.IsCleanAsync();
    }

    // Something only the test makes, so that nothing happens before it should.
    private static string Gate(Worker worker) => Path.Combine(worker.Machine.Folder, "gate");

    private static string Wait(string gate) => $"until [ -e {gate} ]; do sleep 0.05; done";

    private static void Open(string gate) => File.WriteAllText(gate, "");

    private static async Task RestartUnderAsync(Worker worker, string id)
    {
        await worker.KillAsync();
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.LoggedAsync($"Job {id} goes on");
    }

    private static async Task<System.Text.Json.Nodes.JsonNode> ReportAsync(Worker worker, string id)
    {
        _ = await worker.EndedAsync(id);
        return worker.Machine.Report(id)!;
    }
}

/// <summary>Real accounts of the host.</summary>
public class AdoptionOnLinux() : AdoptionScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class AdoptionOnMacOS() : AdoptionScenarios("macos");
