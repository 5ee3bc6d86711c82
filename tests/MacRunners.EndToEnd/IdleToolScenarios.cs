using MacRunners.MacEmulator.Faults;

namespace MacRunners.EndToEnd;

/// <summary>Tools of macOS that fail, or do nothing and call it a success: no job depends on them.</summary>
[Trait("platform", "macos")]
public class IdleToolScenarios
{
    [Fact]
    public async Task A_job_has_a_home_and_leaves_no_process_although_nobody_has_a_list_of_processes_or_makes_homes()
    {
        await using var worker = await Worker.InstallAsync("macos");
        new EmulatorControl(worker.Machine.EmulatorRoot).Inject(new FaultRule { SysmondDown = true, CreatehomedirNoop = true });
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);

        var (job, report) = await worker.RunAsync("""touch "$HOME/own"; echo "owner=$(stat -c %u "$HOME")"; (setsid sleep 300 >/dev/null 2>&1 &) """);

        Assert.Equal(0, job.ExitStatus);
        Assert.Equal(Worker.Value(job, "owner"), $"{Worker.Number(report["uid"])}");
        Assert.True(report["clean"]!.GetValue<bool>());
        await worker.IsCleanAsync();
    }
}
