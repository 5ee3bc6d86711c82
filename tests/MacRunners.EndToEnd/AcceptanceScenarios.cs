using System.Diagnostics;
using System.Text.Json.Nodes;
using MacRunners.EndToEnd.Packaging;

namespace MacRunners.EndToEnd;

/// <summary><c>packaging/macos/acceptance.sh</c>, all of it, over an emulated Mac as it would be on a real one.</summary>
[Trait("platform", "macos")]
[Collection(AloneCollection.Name)]
public class AcceptanceScenarios
{
    private const int Accounts = 2;
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_step_holds_and_leaves_its_report()
    {
        await using var worker = await Worker.InstallAsync("macos");
        var reports = Path.Combine(worker.Machine.Folder, "reports");

        var (exitCode, output, error) = await AcceptAsync(worker, reports);

        Assert.True(exitCode == 0, FailedAttacks() + Report("isolation.err") + Report("accounts.err") + Report("volumes.err") + output + error);
        Assert.Equal(
            ["ok      probe", "ok      probe as a LaunchDaemon", "ok      selftest isolation", $"ok      {Accounts} accounts", "ok      1 homes as volumes", "all held"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("  ", StringComparison.Ordinal) && !line.StartsWith("kept ", StringComparison.Ordinal)));

        // What only the program that is tried can answer.
        foreach (var probe in new[] { "probe.md", "probe-as-daemon.md" })
        {
            Assert.Contains("who answers for it | disclaiming: not told; inheriting: not told |", Report(probe), StringComparison.Ordinal);
            Assert.Contains("(after a grant to what runs this) | disclaiming: no; inheriting: no |", Report(probe), StringComparison.Ordinal);
            Assert.Contains("responsibility_spawnattrs_setdisclaim there | yes |", Report(probe), StringComparison.Ordinal);
        }

        Assert.NotEmpty(JsonNode.Parse(Report("doctor.json"))!["findings"]!.AsArray());
        Assert.Equal(0, JsonNode.Parse(Report("isolation.json"))!["failed"]!.GetValue<int>());
        Assert.Equal(Accounts, Report("accounts.tsv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Single(Report("volumes.tsv").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(worker.Machine.Leftovers());
        Assert.False(Directory.Exists("/opt/macrunners-acceptance"));

        // Not to be looked for between those that held.
        string FailedAttacks() => Report("isolation.json") is { Length: > 0 } text
            ? string.Join('\n', JsonNode.Parse(text)!["attacks"]!.AsArray().Where(attack => attack!["outcome"]!.GetValue<string>() == "failed").Select(attack => attack!.ToJsonString())) + "\n"
            : "";

        string Report(string name) => File.Exists(Path.Combine(reports, name)) ? File.ReadAllText(Path.Combine(reports, name)) : "";
    }

    private static async Task<(int ExitCode, string Output, string Error)> AcceptAsync(Worker worker, string reports)
    {
        var start = new ProcessStartInfo(
            "/bin/bash",
            [
                Path.Combine(Package.Scripts, "macos", "acceptance.sh"), "--quick", "--accounts", $"{Accounts}", "--program", worker.Machine.DaemonProgram, "--root", worker.Machine.EmulatorRoot,
                "--set", $"Paths:Homes={worker.Machine.Homes}", "--set", $"Accounts:UidMin={worker.Machine.Uids.First}", "--set", $"Accounts:UidMax={worker.Machine.Uids.Last}", reports,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output, await error);
    }
}
