using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using MacRunners.Accounts;
using MacRunners.MacEmulator.Faults;

namespace MacRunners.EndToEnd;

/// <summary>What an operator does by hand: doctor, and accounts without a job.</summary>
public abstract class OperatorScenarios(string platform)
{
    private const int DaemonRuns = 69;
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Doctor_finds_no_failure_on_a_sound_machine_tries_an_account_and_leaves_nothing_of_it()
    {
        await using var worker = await Worker.InstallAsync(platform);

        var (exitCode, report) = await AskAsync(worker, "doctor");

        Assert.True(exitCode == 0, report.ToString());
        Assert.Equal(0, report["failed"]!.GetValue<int>());
        Assert.Contains("both are proven gone", What(report, "probe"), StringComparison.Ordinal);
        Assert.Contains("accepts the token", What(report, "buildkite"), StringComparison.Ordinal);
        Assert.Contains("clock differs", Findings(report, "buildkite")[1]["what"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("a cluster token", What(report, "token"), StringComparison.Ordinal);
        Assert.DoesNotContain(worker.Machine.ClusterToken, report.ToString(), StringComparison.Ordinal);
        Assert.Equal(["GET /v3/token"], worker.Machine.Buildkite.Requests.All("/v3/").Select(request => $"{request.Method} {request.Path}"));
        Assert.Empty(worker.Machine.Leftovers());
        Assert.Empty(worker.OpenJobs());
        Assert.Equal((uint)worker.Machine.Uids.First + 1, worker.NextUid());
    }

    [Fact]
    public async Task Beside_a_running_daemon_doctor_only_looks_and_accounts_are_left_to_it()
    {
        await using var worker = await Worker.StartAsync(platform);
        await worker.ReadyAsync();
        var id = worker.Queue("sleep 600");
        await worker.StateAsync(id, "running");
        var next = worker.NextUid();

        var (exitCode, report) = await AskAsync(worker, "doctor");
        Assert.True(exitCode == 0, report.ToString());
        Assert.Contains("a daemon runs", What(report, "probe"), StringComparison.Ordinal);
        Assert.Contains("answered by macrunners", What(report, "port"), StringComparison.Ordinal);

        // Accounts of other machines on this host are mentioned too.
        var leftovers = Findings(report, "leftovers");
        Assert.True(leftovers.Exists(finding => finding["what"]!.GetValue<string>() == "accounts of the running daemon's jobs: 1"), string.Join('\n', leftovers));

        var (refused, _, error) = await VerbAsync(worker, "account", "create");
        Assert.Equal(DaemonRuns, refused);
        Assert.Contains("Stop it first", error, StringComparison.Ordinal);
        Assert.Equal(DaemonRuns, (await VerbAsync(worker, "account", "remove", id)).ExitCode);

        // Saying what would be done is not doing it.
        var (planned, plan) = await AskAsync(worker, "account", "create", "--dry-run");
        Assert.Equal((0, next), (planned, plan["uid"]!.GetValue<uint>()));
        Assert.NotEmpty(plan["commands"]!.AsArray());
        var (removal, plannedRemoval) = await AskAsync(worker, "account", "remove", id, "--dry-run");
        Assert.Equal((0, true), (removal, plannedRemoval["found"]!.AsArray().Any(residue => residue!["kind"]!.GetValue<string>() == "Process")));
        Assert.Equal("running", worker.Buildkite.ViewJob(id).State);
        Assert.Equal(next, worker.NextUid());
    }

    [Fact]
    public async Task An_account_made_by_hand_is_as_planned_and_torn_down_by_the_next_start_of_the_daemon()
    {
        await using var worker = await Worker.InstallAsync(platform);
        var id = Guid.NewGuid();
        var (_, plan) = await AskAsync(worker, "account", "create", "--job", $"{id}", "--dry-run");
        Assert.Empty(worker.Machine.Leftovers());

        var (exitCode, made) = await AskAsync(worker, "account", "create", "--job", $"{id}");

        Assert.Equal(0, exitCode);
        Assert.Equal((plan["name"]!.GetValue<string>(), plan["uid"]!.GetValue<uint>(), plan["home"]!.GetValue<string>()), (Name(made), Uid(made), made["home"]!.GetValue<string>()));
        Assert.Equal([Name(made), $"{Uid(made)}", $"{Uid(made)}"], Output("getent", "passwd", Name(made)).Split(':') is [var name, _, var uid, var gid, ..] ? [name, uid, gid] : Array.Empty<string>());
        Assert.Equal($"700 {Uid(made)} {Uid(made)}", Output("stat", "-c", "%a %u %g", made["home"]!.GetValue<string>()));
        Assert.All(JobHome.FoldersIn(made["home"]!.GetValue<string>()), folder => Assert.Equal($"700 {Uid(made)} {Uid(made)}", Output("stat", "-c", "%a %u %g", folder)));
        Assert.Equal(Name(made), Output("id", "-Gn", Name(made)));

        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.ReadyAsync();
        Assert.Contains($"Job {id} was left behind by an earlier run", worker.Machine.Console, StringComparison.Ordinal);
        Assert.True(worker.NextUid() > Uid(made));
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task An_account_is_removed_by_hand_with_everything_that_it_left()
    {
        await using var worker = await Worker.InstallAsync(platform);
        var (_, made) = await AskAsync(worker, "account", "create");
        using var left = Process.Start("/usr/bin/setpriv", ["--reuid", $"{Uid(made)}", "--regid", $"{Uid(made)}", "--clear-groups", "sleep", "600"]);
        var file = Path.Combine("/dev/shm", $"left-{Uid(made)}");
        Output("install", "-o", $"{Uid(made)}", "/dev/null", file);

        var (exitCode, removed) = await AskAsync(worker, "account", "remove", Name(made));

        Assert.Equal((0, true), (exitCode, removed["clean"]!.GetValue<bool>()));
        Assert.Contains(removed["found"]!.AsArray(), residue => residue!["detail"]!.GetValue<string>() == $"pid {left.Id} (sleep)");
        Assert.Contains(removed["found"]!.AsArray(), residue => residue!["detail"]!.GetValue<string>() == file);
        await left.WaitForExitAsync(Cancel);
        Assert.Empty(worker.Machine.Leftovers());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(worker.Machine.State, "trash")));

        // Once more: nothing to do is no failure.
        Assert.Equal(0, (await AskAsync(worker, "account", "remove", Name(made))).ExitCode);
        Assert.Equal(1, (await VerbAsync(worker, "account", "remove", "root")).ExitCode);
    }

    private static Task<(int ExitCode, JsonNode Answer)> AskAsync(Worker worker, params string[] verb) => Operator.AskAsync(worker, verb);

    private static Task<(int ExitCode, string Output, string Error)> VerbAsync(Worker worker, params string[] verb) => Operator.VerbAsync(worker, verb);

    private static string Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private static List<JsonNode> Findings(JsonNode report, string check) => Operator.Findings(report, check);

    private static string What(JsonNode report, string check) => Findings(report, check)[0]["what"]!.GetValue<string>();

    private static string Name(JsonNode account) => account["name"]!.GetValue<string>();

    private static uint Uid(JsonNode account) => account["uid"]!.GetValue<uint>();
}

/// <inheritdoc/>
[Trait("platform", "linux")]
public class OperatorOnLinux() : OperatorScenarios("linux");

/// <inheritdoc/>
[Trait("platform", "macos")]
public class OperatorOnMacOS() : OperatorScenarios("macos")
{
    [Fact]
    public async Task Without_Full_Disk_Access_doctor_says_so_and_names_the_account_that_is_stuck()
    {
        await using var worker = await Worker.InstallAsync("macos");
        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Add(new FaultRule { Tool = "dscl", TccDenied = true });

        var (exitCode, report) = await Operator.AskAsync(worker, "doctor");
        Assert.Equal(1, exitCode);
        var probe = Assert.Single(Operator.Findings(report, "probe"));
        Assert.Equal("failed", probe["status"]!.GetValue<string>());
        Assert.Contains("Full Disk Access", probe["what"]!.GetValue<string>(), StringComparison.Ordinal);

        // Asked again, the account is found, by the journal and by a look at the machine.
        (_, report) = await Operator.AskAsync(worker, "doctor");
        Assert.Contains(Operator.Findings(report, "leftovers"), finding => finding["what"]!.GetValue<string>().Contains("dirty since", StringComparison.Ordinal));
        Assert.Contains(
            Operator.Findings(report, "leftovers"),
            finding => finding["what"]!.GetValue<string>() is var what && what.StartsWith("bk-", StringComparison.Ordinal) && what.EndsWith("its account", StringComparison.Ordinal));

        control.Clear();
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, await worker.HealthIsAsync("healthy"));
        await worker.IsCleanAsync();
    }

    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
}
