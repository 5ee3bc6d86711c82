namespace MacRunners.EndToEnd;

/// <summary>A part of the daemon that never returns.</summary>
[Collection(AloneCollection.Name)]
public abstract class WatchdogScenarios(string platform)
{
    [Fact]
    public async Task A_daemon_whose_teardown_is_stuck_kills_itself_and_its_next_run_ends_it_while_another_job_goes_on()
    {
        await using var worker = await Worker.InstallAsync(
            platform,
            new Dictionary<string, string>
            {
                ["Jobs:Slots"] = "2",
                ["Lifecycle:WatchdogTimeout"] = "00:00:01",
                ["Jobs:TeardownBudget"] = "00:00:10",
                ["Jobs:KillBudget"] = "00:00:10",
                ["Jobs:DirectoryTimeout"] = "00:00:05",
            },
            faulty: true);
        await worker.StartFaultyAsync(("FAULT_HOLD", $"after:stepStarting:1:{worker.Machine.Folder}/never"));
        var other = PatientJob.Queue(worker);
        await other.RunsAsync();
        var id = worker.Queue("sleep 300 & echo runs");

        await worker.LoggedAsync("held at after:stepStarting:1");
        await worker.KilledAsync();
        Assert.Contains($"Stuck: job {id} is in its phase kill", worker.ConsoleText(), StringComparison.Ordinal);

        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        await worker.LoggedAsync($"Job {other.Id} goes on");
        Assert.Equal(0, (await worker.EndedAsync(id)).ExitStatus);
        Assert.True(worker.Machine.Report(id)!["clean"]!.GetValue<bool>());
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        other.Release();
        await other.PassedOnceAsync();
        await worker.IsCleanAsync();
    }
}

/// <summary>Real accounts of the host.</summary>
public class WatchdogOnLinux() : WatchdogScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class WatchdogOnMacOS() : WatchdogScenarios("macos");
