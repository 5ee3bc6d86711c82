using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd;

/// <summary>Two jobs that work together: one becomes the other when that is over, and everything of it is gone.</summary>
public abstract class StrayScenarios(string platform)
{
    [Fact]
    public async Task A_job_that_becomes_one_that_was_over_is_found_killed_and_makes_the_machine_dirty_until_all_is_swept()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string> { ["Jobs:Slots"] = "2" });
        await worker.ReadyAsync();
        var gate = Path.Combine(worker.Machine.Folder, $"gate-{Guid.NewGuid():N}");

        // The one that stays offers a folder that no sweep for another number looks into: its own home.
        var host = worker.Queue(
            $"""
            mkdir -m 777 "$HOME/open" && chmod 711 "$HOME" && echo "home=$HOME" && echo ready
            until [ -e '{gate}' ]; do sleep 0.05; done
            "$HOME/open/guest" -c 'import os, time; me = os.geteuid(); os.setresuid(me, me, me); os.fork() and os._exit(0); os.setsid(); open("/tmp/stray-%d" % os.getpid(), "w"); time.sleep(600)' </dev/null >/dev/null 2>&1
            sleep 1
            """);
        await worker.PrintsAsync(host, "ready");
        var home = Worker.Value(worker.Buildkite.ViewJob(host), "home");
        var (guest, left) = await worker.RunAsync($"cp -L /usr/bin/python3 '{home}/open/guest' && chmod 4755 '{home}/open/guest'");
        Assert.Equal(0, guest.ExitStatus);
        Assert.True(left["clean"]!.GetValue<bool>());
        var uid = (uint)Worker.Number(left["uid"]);

        File.WriteAllText(gate, "");
        Assert.Equal(0, (await worker.EndedAsync(host)).ExitStatus);

        var report = worker.Machine.Report(host)!;
        Assert.False(report["clean"]!.GetValue<bool>());
        Assert.Contains(
            report["remaining"]!.AsArray(), residue => residue!["detail"]!.GetValue<string>().EndsWith($"under {uid}, the number of a job that was over", StringComparison.Ordinal));
        _ = await worker.HealthIsAsync("unhealthy");
        Assert.Equal((0, 1), (HostTraces.CountProcesses(uid, uid), HostTraces.CountFiles(uid, uid)));

        var swept = await worker.MacrunnersAsync("sweep");
        Assert.True(swept.ExitCode == 0, swept.Error);
        Assert.Equal(0, HostTraces.CountFiles(uid, uid));
        Assert.Equal(0, (await worker.RunAsync("./hello.sh")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }
}

/// <summary>Real accounts of the host.</summary>
public class StrayOnLinux() : StrayScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class StrayOnMacOS() : StrayScenarios("macos");
