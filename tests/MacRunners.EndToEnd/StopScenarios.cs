using MacRunners.Simulator.Faults;

namespace MacRunners.EndToEnd;

/// <summary>
/// Signals in every state of a job's life. The first SIGTERM lets the job end, a second one makes it end; either way the daemon leaves
/// with 0 when nothing of it is left. What happens to a running job is in <see cref="JobScenarios"/>.
/// </summary>
public abstract class StopScenarios(TestBench bench, string platform)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("after:jobReserved:1")]
    [InlineData("after:accountCreating:1")]
    [InlineData("after:agentStarting:1")]
    [InlineData("after:agentStarted:1")]
    [InlineData("before:agentEnded:1")]
    [InlineData("after:stepStarting:1")]
    [InlineData("after:stepStarting:2")]
    [InlineData("after:stepStarting:3")]
    [InlineData("after:stepStarting:4")]
    [InlineData("before:jobSettled:1")]
    public Task A_stop_lets_a_job_end_wherever_it_is(string state) => bench.UseAsync(platform, async worker =>
    {
        var job = PatientJob.Queue(worker);
        job.Release();
        await worker.HoldAsync(state);
        var waiting = worker.Queue("echo never");

        worker.Machine.SignalDaemon("TERM");
        await worker.LoggedAsync("no further job is taken");
        worker.GoOn();
        await LeavesAsync(worker);

        await job.PassedOnceAsync();
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(waiting).State);
        _ = worker.Buildkite.Cancel(waiting);
    });

    [Theory]
    [InlineData("after:jobReserved:1")]
    [InlineData("after:accountCreating:1")]
    [InlineData("after:agentStarting:1")]
    public Task A_second_signal_ends_a_job_before_it_begins(string state) => bench.UseAsync(platform, async worker =>
    {
        var job = PatientJob.Queue(worker);
        await worker.HoldAsync(state);

        await SignalTwiceAsync(worker);
        worker.GoOn();
        await LeavesAsync(worker);

        NotStarted(worker, job);
    });

    [Fact]
    public Task A_second_signal_ends_an_agent_that_has_no_job_yet() => bench.UseAsync(platform, async worker =>
    {
        _ = worker.Machine.Buildkite.Faults.Add(new FaultSpec { Route = "/v3/register", DelayMs = 30_000 });
        await worker.Machine.StartDaemonAsync(Cancel);
        var job = PatientJob.Queue(worker);
        await worker.LoggedAsync("The agent runs");

        await SignalTwiceAsync(worker);
        await LeavesAsync(worker);
        worker.Machine.Buildkite.Faults.Clear();

        NotStarted(worker, job);
    });

    [Theory]
    [InlineData("after:stepStarting:1")]
    [InlineData("after:stepDone:3")]
    public Task A_second_signal_does_not_cut_a_teardown_short(string state) => bench.UseAsync(platform, async worker =>
    {
        var job = PatientJob.Queue(worker);
        job.Release();
        await worker.HoldAsync(state);

        await SignalTwiceAsync(worker);
        worker.Machine.SignalDaemon("TERM");
        worker.GoOn();
        await LeavesAsync(worker);

        await job.PassedOnceAsync();
    });

    [Fact]
    public Task A_job_that_is_being_cancelled_at_Buildkite_ends_as_cancelled() => bench.UseAsync(platform, async worker =>
    {
        await worker.Machine.StartDaemonAsync(Cancel);
        var gate = Path.Combine(worker.Machine.Folder, $"gate-{Guid.NewGuid():N}");
        var id = worker.Queue($"trap 'echo asked; until [ -e {gate} ]; do sleep 0.05; done; exit 3' TERM INT; echo begins; while :; do sleep 0.1; done");
        await worker.PrintsAsync(id, "begins");
        _ = worker.Buildkite.Cancel(id);
        await worker.PrintsAsync(id, "asked");

        worker.Machine.SignalDaemon("TERM");
        await worker.LoggedAsync("no further job is taken");
        await File.WriteAllTextAsync(gate, "", Cancel);
        await LeavesAsync(worker);

        Assert.Equal("canceled", worker.Buildkite.ViewJob(id).State);
        Assert.Equal("Cancelled", worker.Machine.Report(id)!["outcome"]!.GetValue<string>());
    });

    [Fact]
    public Task A_third_signal_does_not_hurry_a_job_that_the_daemon_is_cancelling() => bench.UseAsync(platform, async worker =>
    {
        await worker.Machine.StartDaemonAsync(Cancel);
        var gate = Path.Combine(worker.Machine.Folder, $"gate-{Guid.NewGuid():N}");
        var id = worker.Queue($"trap 'echo asked; until [ -e {gate} ]; do sleep 0.05; done; echo tidied; exit 3' TERM INT; echo begins; while :; do sleep 0.1; done");
        await worker.PrintsAsync(id, "begins");

        await SignalTwiceAsync(worker);
        await worker.PrintsAsync(id, "asked");
        worker.Machine.SignalDaemon("TERM");
        await File.WriteAllTextAsync(gate, "", Cancel);
        await LeavesAsync(worker);

        Assert.Contains("tidied", Worker.Printed(worker.Buildkite.ViewJob(id)));
        Assert.Equal("Stopped", worker.Machine.Report(id)!["outcome"]!.GetValue<string>());
    });

    [Fact]
    public Task A_stop_while_the_daemon_clears_up_after_a_crash_leaves_the_rest_to_the_next_start() => bench.UseAsync(platform, async worker =>
    {
        var job = PatientJob.Queue(worker);
        job.Release();
        await worker.StartFaultyAsync(("FAULT_CRASH", "after:agentEnded:1"));
        await worker.KilledAsync();
        await worker.HoldAsync("after:stepStarting:2");

        worker.Machine.SignalDaemon("TERM");
        await worker.LoggedAsync("no further job is taken");
        worker.GoOn();
        await LeavesAsync(worker);

        Assert.Null(worker.Machine.Report(job.Id));
        await worker.Machine.StartDaemonAsync(Cancel);
        await job.PassedOnceAsync();
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(Cancel));
    });

    [Theory]
    [InlineData("after:selfTest.accountCreating:1")]
    [InlineData("after:selfTest.stepStarting:2")]
    public Task A_stop_during_the_self_test_leaves_nothing_of_it(string state) => bench.UseAsync(platform, async worker =>
    {
        await worker.HoldAsync(state);

        worker.Machine.SignalDaemon("TERM");
        await worker.LoggedAsync("no further job is taken");
        worker.GoOn();
        await LeavesAsync(worker);

        Assert.Empty(worker.OpenJobs());
    });

    [Fact]
    public Task A_closed_terminal_disturbs_nobody() => bench.UseAsync(platform, async worker =>
    {
        await worker.Machine.StartDaemonAsync(Cancel);
        worker.Machine.SignalDaemon("HUP");
        var job = PatientJob.Queue(worker);
        await job.RunsAsync();
        worker.Machine.SignalDaemon("HUP");
        job.Release();

        await job.PassedOnceAsync();
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await LeavesAsync(worker, await worker.Machine.StopDaemonAsync(Cancel));
    });

    private static async Task SignalTwiceAsync(Worker worker)
    {
        worker.Machine.SignalDaemon("TERM");
        await worker.LoggedAsync("no further job is taken");
        worker.Machine.SignalDaemon("TERM");
        await worker.LoggedAsync("a second signal came");
    }

    private static async Task LeavesAsync(Worker worker, int? exitCode = null)
    {
        Assert.Equal(0, exitCode ?? await worker.Machine.WaitForDaemonAsync(Cancel));
        Assert.Empty(worker.Machine.Leftovers());
    }

    private static void NotStarted(Worker worker, PatientJob job)
    {
        var ended = worker.Buildkite.ViewJob(job.Id);
        Assert.Equal(-1, ended.ExitStatus);
        Assert.Contains("macrunners was stopped on this machine before", ended.FinishDetail, StringComparison.Ordinal);
        Assert.Empty(job.Trace);
        var report = worker.Machine.Report(job.Id)!;
        Assert.Equal("NotStarted", report["outcome"]!.GetValue<string>());
        Assert.True(report["clean"]!.GetValue<bool>());
    }
}

/// <summary>A stop timeout of its own needs a machine of its own.</summary>
public abstract class StopTimeoutScenarios(string platform)
{
    [Fact]
    public async Task A_job_that_outlasts_the_time_of_a_stop_is_cancelled()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string>
        {
            ["Lifecycle:StopTimeout"] = "00:00:01",
            ["Jobs:CancelGrace"] = "00:00:03",
        });
        var job = PatientJob.Queue(worker);
        await job.RunsAsync();

        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));

        Assert.Equal("agent_stop", worker.Buildkite.ViewJob(job.Id).SignalReason);
        Assert.Equal("Stopped", worker.Machine.Report(job.Id)!["outcome"]!.GetValue<string>());
        Assert.Contains("Lifecycle:StopTimeout is over", worker.ConsoleText(), StringComparison.Ordinal);
        Assert.Empty(worker.Machine.Leftovers());
    }
}

/// <summary>Real accounts of the host.</summary>
public class StopOnLinux(TestBench bench) : StopScenarios(bench, "linux"), IClassFixture<TestBench>;

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class StopOnMacOS(TestBench bench) : StopScenarios(bench, "macos"), IClassFixture<TestBench>;

/// <summary>Real accounts of the host.</summary>
public class StopTimeoutOnLinux() : StopTimeoutScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class StopTimeoutOnMacOS() : StopTimeoutScenarios("macos");
