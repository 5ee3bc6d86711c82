using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MacRunners.EndToEnd;

/// <summary><c>macrunners selftest isolation</c>, as an operator calls it on a machine.</summary>
[Collection(AloneCollection.Name)]
public abstract class IsolationVerbScenarios(string platform)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    // One of each kind: alone, with a part for root, with an account beside; cut off; skipped; and what looks for traces of them.
    private static readonly string[] Chosen = ["double-fork", "socket-holder", "shared-folders", "foreign-hard-links", "neighbour", "kill-everything", "next-job"];

    [Fact]
    public async Task While_no_daemon_runs_it_makes_the_attacks_itself_and_leaves_nothing()
    {
        await using var worker = await Worker.InstallAsync(platform);

        var (exitCode, report) = await Operator.AskAsync(worker, [.. Verb, "--attack", platform == "macos" ? "traced-processes" : "own-directory-record"]);

        Assert.True(exitCode == 0, report.ToString());
        Assert.Equal((Chosen.Length, 0, 1), Counts(report));
        Assert.Equal(Chosen.Order(), report["attacks"]!.AsArray().Where(attack => attack!["outcome"]!.GetValue<string>() == "ok").Select(attack => attack!["id"]!.GetValue<string>()).Order());
        NothingIsLeft(worker);
        Assert.Empty(worker.OpenJobs());
        Assert.True(worker.NextUid() > worker.Machine.Uids.First);

        // The daemon finds nothing to do.
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.ReadyAsync();
        Assert.DoesNotContain("left behind", worker.Machine.Console, StringComparison.Ordinal);
        Assert.Equal(0, (await worker.RunAsync("./hello.sh")).Job.ExitStatus);
    }

    [Fact]
    public async Task A_running_daemon_makes_them_once_it_is_drained_and_goes_on()
    {
        await using var worker = await Worker.StartAsync(platform);
        await worker.ReadyAsync();
        var pid = worker.Machine.DaemonPid;
        var refused = await Operator.VerbAsync(worker, Verb);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("drain --wait", refused.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await Operator.VerbAsync(worker, "drain", "--wait")).ExitCode);
        var (exitCode, output, error) = await Operator.VerbAsync(worker, Verb);

        Assert.True(exitCode == 0, output + error);
        Assert.Equal(Chosen.Length, output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
        Assert.EndsWith($"\n{Chosen.Length} ok, 0 failed, 0 skipped\n", output, StringComparison.Ordinal);
        Assert.Equal(pid, worker.Machine.DaemonPid);
        Assert.Equal("drained", (await worker.StatusAsync())["state"]!.GetValue<string>());
        NothingIsLeft(worker);

        Assert.Equal(0, (await Operator.VerbAsync(worker, "resume")).ExitCode);
        Assert.Equal(0, (await worker.RunAsync("./hello.sh")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }

    [Theory]
    [InlineData(false, "INT")]
    [InlineData(false, "TERM")]
    [InlineData(true, "INT")]
    public async Task Interrupted_it_tears_down_what_it_has_begun(bool withDaemon, string signal)
    {
        await using var worker = await Worker.InstallAsync(platform);
        if (withDaemon)
        {
            await worker.Machine.StartDaemonAsync(Cancel);
            Assert.Equal(0, (await Operator.VerbAsync(worker, "drain", "--wait")).ExitCode);
        }

        using var verb = Process.Start(new ProcessStartInfo(worker.Machine.DaemonProgram, ["selftest", "isolation", "--config", worker.Machine.ConfigFile, "--attack", "many-files"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = verb.StandardOutput.ReadToEndAsync(Cancel);
        var error = verb.StandardError.ReadToEndAsync(Cancel);
        var many = Path.Combine(worker.Machine.Homes, "*", "many");
        await worker.UntilAsync(
            () => Directory.Exists(worker.Machine.Homes) && Directory.EnumerateDirectories(worker.Machine.Homes).Any(home => Directory.Exists(Path.Combine(home, "many"))), $"{many} exists");
        using (var kill = Process.Start("/bin/kill", ["-s", signal, $"{verb.Id}"]))
        {
            await kill.WaitForExitAsync(Cancel);
        }

        await verb.WaitForExitAsync(Cancel);

        Assert.Equal((1, "\n0 ok, 0 failed, 0 skipped\n"), (verb.ExitCode, await output));
        Assert.Contains("is torn down", await error, StringComparison.Ordinal);

        // The daemon goes on behind the one who asked.
        await worker.UntilAsync(() => !Directory.Exists(Ground(worker)), "the folder for attacks is gone");
        await worker.UntilAsync(() => worker.OpenJobs().Count == 0, "no account is open");
        await worker.UntilAsync(() => !Directory.EnumerateFileSystemEntries(Path.Combine(worker.Machine.State, "trash")).Any(), "the trash is empty");
        Assert.Empty(worker.Machine.Leftovers());
    }

    private static string[] Verb => ["selftest", "isolation", "--quick", .. Chosen.SelectMany(id => new[] { "--attack", id })];

    private static string Ground(Worker worker) => Path.Combine(worker.Machine.State, "isolation");

    private static (int Ok, int Failed, int Skipped) Counts(JsonNode report) =>
        (report["ok"]!.GetValue<int>(), report["failed"]!.GetValue<int>(), report["skipped"]!.GetValue<int>());

    private static void NothingIsLeft(Worker worker)
    {
        Assert.Empty(worker.Machine.Leftovers());
        Assert.False(Directory.Exists(Ground(worker)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(worker.Machine.State, "trash")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(worker.Machine.Logs, "jobs"), "*.agent.log"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(worker.Machine.Folder, "run", "output")));
    }
}

/// <summary>Real accounts of the host.</summary>
public class IsolationVerbOnLinux() : IsolationVerbScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class IsolationVerbOnMacOS() : IsolationVerbScenarios("macos");
