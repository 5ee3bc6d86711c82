using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MacRunners.EndToEnd;

/// <summary>A machine that gets another name, as from a DHCP server, while it works: Buildkite goes on to know it by the name of its boot.</summary>
public abstract class HostNameScenarios(string platform)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_machine_that_is_renamed_keeps_its_stack_and_its_job()
    {
        using var name = new NameFile("first");
        await using var worker = await Worker.InstallAsync(platform, new Dictionary<string, string> { ["Jobs:Slots"] = "2" }, serviceManager: name.Wrapper);
        UseDefaultStackKey(worker.Machine.ConfigFile);
        await worker.Machine.StartDaemonAsync(Cancel);
        var job = PatientJob.Queue(worker);
        await job.RunsAsync();
        Assert.Equal("macrunners-first", Assert.Single(worker.Buildkite.Stacks()).Key);
        Assert.Equal("first", (await worker.StatusAsync())["host"]!.GetValue<string>());

        // Under the running daemon, and for the next.
        await name.ChangeAsync("second", worker.Machine.DaemonPid);
        Assert.Equal(0, (await worker.RunAsync("./hello.sh")).Job.ExitStatus);
        worker.Machine.SignalDaemon("KILL");
        _ = await worker.Machine.WaitForDaemonAsync(Cancel);
        await worker.Machine.StartDaemonAsync(Cancel);

        await worker.LoggedAsync($"Job {job.Id} goes on");
        Assert.Equal("second", (await worker.StatusAsync())["host"]!.GetValue<string>());
        job.Release();
        await job.PassedOnceAsync();
        Assert.Equal(0, (await worker.RunAsync("./hello.sh")).Job.ExitStatus);
        Assert.Equal("macrunners-first", Assert.Single(worker.Buildkite.Stacks()).Key);
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(Cancel));
        Assert.Empty(worker.Machine.Leftovers());
    }

    private static void UseDefaultStackKey(string config)
    {
        var settings = JsonNode.Parse(File.ReadAllText(config))!.AsObject();
        _ = settings["Buildkite"]!.AsObject().Remove("StackKey");
        File.WriteAllText(config, settings.ToJsonString());
    }

    /// <summary>The name that a daemon sees, which has one of its own: this host keeps its name.</summary>
    private sealed class NameFile : IDisposable
    {
        private readonly string _path = Path.GetTempFileName();

        internal NameFile(string name) => File.WriteAllText(_path, name);

        /// <summary>Starts a program under it, given the daemon's port first.</summary>
        internal IReadOnlyList<string> Wrapper =>
            ["/usr/bin/unshare", "--uts", "--", "/bin/sh", "-c", "shift; /bin/hostname -F \"$0\" && exec \"$@\"", _path];

        public void Dispose() => File.Delete(_path);

        internal async Task ChangeAsync(string name, int pid)
        {
            await File.WriteAllTextAsync(_path, name, Cancel);
            using var rename = Process.Start("/usr/bin/nsenter", ["--target", $"{pid}", "--uts", "--", "/bin/hostname", "-F", _path]);
            await rename.WaitForExitAsync(Cancel);
            Assert.Equal(0, rename.ExitCode);
        }
    }
}

/// <summary>Real accounts of the host.</summary>
public class HostNameOnLinux() : HostNameScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class HostNameOnMacOS() : HostNameScenarios("macos");
