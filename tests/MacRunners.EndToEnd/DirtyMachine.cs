using System.Net;
using MacRunners.MacEmulator.Faults;

namespace MacRunners.EndToEnd;

/// <summary>What cannot be removed is not passed over: the machine stops taking jobs until it is proven clean.</summary>
[Trait("platform", "macos")]
public class DirtyMachine
{
    [Fact]
    public async Task Without_Full_Disk_Access_the_machine_becomes_dirty_says_so_and_is_clean_again_after_a_restart_with_it()
    {
        await using var worker = await Worker.StartAsync("macos");
        await worker.ReadyAsync();
        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Add(new FaultRule { Tool = "dscl", TccDenied = true });

        var (job, report) = await worker.RunAsync("true");

        // The job itself is not to blame.
        Assert.Equal(0, job.ExitStatus);
        Assert.False(report["clean"]!.GetValue<bool>());
        Assert.Contains(report["remaining"]!.AsArray(), residue => residue!["detail"]!.GetValue<string>().Contains("Full Disk Access", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await worker.HealthIsAsync("unhealthy"));
        var waiting = worker.Queue("echo later");
        await worker.LoggedAsync("No job is taken: the machine is dirty");

        control.Clear();
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(waiting).State);
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, (await worker.EndedAsync(waiting)).ExitStatus);
        Assert.Equal(HttpStatusCode.OK, await worker.HealthIsAsync("healthy"));
        await worker.IsCleanAsync();
    }

    [Theory]
    [InlineData("before:machineDirty:1")]
    [InlineData("after:machineDirty:1")]
    public async Task A_daemon_killed_when_its_machine_becomes_dirty_finds_that_out_again(string point)
    {
        await using var worker = await Worker.InstallAsync("macos", faulty: true);
        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Add(new FaultRule { Tool = "dscl", TccDenied = true });
        await worker.StartFaultyAsync(("FAULT_CRASH", point));
        await worker.KilledAsync();

        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        await worker.LoggedAsync("No job is taken: the machine is dirty");
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));

        control.Clear();
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }

    [Theory]
    [InlineData("before:machineClean:1")]
    [InlineData("after:machineClean:1")]
    public async Task A_daemon_killed_when_its_machine_is_proven_clean_proves_it_again_or_need_not(string point)
    {
        await using var worker = await Worker.InstallAsync("macos", faulty: true);
        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Add(new FaultRule { Tool = "dscl", TccDenied = true });
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        await worker.LoggedAsync("No job is taken: the machine is dirty");
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));

        control.Clear();
        await worker.StartFaultyAsync(("FAULT_CRASH", point));
        await worker.KilledAsync();
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        Assert.Equal(HttpStatusCode.OK, await worker.HealthIsAsync("healthy"));
        await worker.IsCleanAsync();
    }
}
