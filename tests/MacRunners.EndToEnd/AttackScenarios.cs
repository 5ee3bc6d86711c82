using System.Text.Json.Nodes;
using MacRunners.Isolation;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using Xunit.Sdk;
using Xunit.v3;

namespace MacRunners.EndToEnd;

/// <summary>Every attack of the catalogue as a job of Buildkite, all on one machine and against one daemon.</summary>
[TestCaseOrderer(typeof(CatalogueOrder))]
[Collection(AloneCollection.Name)]
public abstract class AttackScenarios(string platform, AttackBench bench)
{
    private const int LinesShown = 30;

    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly ITool Tool = new Tool(TimeProvider.System);
    private static readonly IsolationOracle Oracle = new(Tool, TimeProvider.System);

    /// <summary>Ids of the attacks that make sense on a platform.</summary>
    public static TheoryData<string> On(string platform) => [.. AttackCatalogue.All.Where(attack => attack.Platforms.Contains(platform)).Select(attack => attack.Id)];

    private protected async Task LeavesNothingAsync(string id)
    {
        var attack = AttackCatalogue.All.Single(attack => attack.Id == id);
        var skipped = attack.WhyNotOn(platform, Environment.GetEnvironmentVariable("PATH")!);
        if (skipped is null)
        {
            await bench.UseAsync(platform, async worker => skipped = await MakeAsync(worker, attack));
        }

        Assert.SkipWhen(skipped is not null, skipped ?? "");
    }

    /// <returns>Why it could not be made; null when it was, and all held.</returns>
    private async Task<string?> MakeAsync(Worker worker, Attack attack)
    {
        var daemon = worker.Machine.DaemonPid;
        var target = Target(worker);
        var ground = await AttackGround.MakeAsync(attack, AttackBench.Ground(worker), bench.Run, AttackScale.Quick, target, Tool);
        var beside = attack.Beside is null ? null : worker.Queue($"exec /bin/bash {ground.BesideScript}", ground.BesideVariables);
        if (beside is not null)
        {
            await worker.PrintsAsync(beside, "ready");
            ground.Meet(await HomeAsync(worker, beside), worker.AgentPid(beside));
        }

        var gate = Path.Combine(ground.Folder, "gate");
        var variables = new Dictionary<string, string>(ground.Variables);
        if (attack.SetUp is not null)
        {
            variables["GATE"] = gate;
        }

        var id = worker.Queue($"exec /bin/bash {ground.Script}", variables);
        string? skipped = null;
        try
        {
            skipped = attack.SetUp is null ? null : await PrepareAsync(worker, ground, id, gate);
            var job = await worker.EndedAsync(id);
            var report = worker.Machine.Report(id)!;
            var lines = Worker.Printed(job);
            skipped ??= AttackJudge.SkipReason(lines);
            var failures = new List<string>();
            if (skipped is null)
            {
                failures.AddRange(AttackJudge.Failures(attack, lines, job.ExitStatus, Found(report)));
            }

            failures.AddRange(Remaining(report));
            if (beside is not null)
            {
                failures.AddRange(await EndBesideAsync(worker, ground, beside));
            }

            failures.AddRange(await LookAsync(attack, ground, target, worker, [id, .. beside is null ? Array.Empty<string>() : [beside]]));
            Assert.True(failures.Count == 0, $"{attack.Title}:\n{string.Join('\n', failures)}\nIt printed last:\n{string.Join('\n', lines.TakeLast(LinesShown))}");
            Assert.Equal((true, daemon), (worker.Machine.IsDaemonRunning, worker.Machine.DaemonPid));
            await worker.ReadyAsync();
            if (attack.IsLast)
            {
                await worker.IsCleanAsync();
            }
        }
        finally
        {
            if (Account(worker, id) is { } account)
            {
                await ground.UndoAsync(account.Home, account.Uid);
            }
        }

        return skipped;
    }

    private static async Task<string?> PrepareAsync(Worker worker, AttackGround ground, string id, string gate)
    {
        var home = await HomeAsync(worker, id);
        try
        {
            return await ground.PrepareAsync(home, Account(worker, id)!.Uid);
        }
        finally
        {
            await File.WriteAllTextAsync(gate, "", Cancel);
        }
    }

    private static async Task<IReadOnlyList<string>> EndBesideAsync(Worker worker, AttackGround ground, string beside)
    {
        await File.WriteAllTextAsync(ground.End, "", Cancel);
        var job = await worker.EndedAsync(beside);
        return
        [
            .. AttackJudge.Breaches(Worker.Printed(job)),
            .. job.ExitStatus == 0 ? Array.Empty<string>() : [$"the job beside ended with {job.ExitStatus}"],
            .. Remaining(worker.Machine.Report(beside)!),
        ];
    }

    private static async Task<IReadOnlyList<string>> LookAsync(Attack attack, AttackGround ground, AttackTarget target, Worker worker, IReadOnlyList<string> jobs)
    {
        IReadOnlyList<string> roots = [worker.Machine.Folder, .. target.SharedPlaces, .. attack.LooksEverywhere ? target.SearchRoots : []];
        var trash = Path.Combine(worker.Machine.State, "trash");
        await worker.UntilAsync(() => !Directory.EnumerateFileSystemEntries(trash).Any(), "the trash is empty");
        var left = new List<string>(await ground.LookAsync(await HomeAsync(worker, jobs[0]), Account(worker, jobs[0])!.Uid));
        foreach (var job in jobs)
        {
            var account = Account(worker, job)!;
            left.AddRange(await Oracle.LookAsync(new Suspect(account.Name, account.Uid, ground.Mark, ground.Port, roots), Cancel));
        }

        return [.. left, .. await Oracle.SecretsAsync(ground.SecretFile, roots, Cancel), .. await ground.Canaries.ChangesAsync()];
    }

    private static IReadOnlyList<Residue> Found(JsonNode report) =>
        [.. report["found"]!.AsArray().Select(residue => new Residue(Enum.Parse<ResidueKind>(residue!["kind"]!.GetValue<string>()), residue["detail"]!.GetValue<string>()))];

    private static IEnumerable<string> Remaining(JsonNode report) =>
        report["remaining"]!.AsArray().Select(residue => $"teardown: {residue!["kind"]}: {residue["detail"]}")
            .Concat(report["clean"]!.GetValue<bool>() ? [] : ["the report does not say clean"]);

    // From the journal, which is quicker than a job's output.
    private static async Task<string> HomeAsync(Worker worker, string job)
    {
        await worker.UntilAsync(() => worker.Journal().OfType<AccountCreated>().Any(made => made.Job == Guid.Parse(job)), $"job {job} has an account");
        return Account(worker, job)!.Home;
    }

    private static AccountCreating? Account(Worker worker, string job) => worker.Journal().OfType<AccountCreating>().LastOrDefault(made => made.Job == Guid.Parse(job));

    private AttackTarget Target(Worker worker)
    {
        var machine = worker.Machine;
        var (run, bin, etc) = (Path.Combine(machine.Folder, "run"), Path.Combine(machine.Folder, "bin"), Path.Combine(machine.Folder, "etc"));
        string[] shared = platform == "macos" ? ["/tmp", "/var/tmp", "/dev/shm", Path.Combine(machine.EmulatorRoot, "Users", "Shared")] : ["/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/var/crash"];
        return new AttackTarget(
            machine.DaemonPid,
            machine.Http.Port,
            Path.Combine(run, "control.sock"),
            [machine.ConfigFile, Path.Combine(etc, "token"), worker.JournalPath, Path.Combine(machine.State, "trash"), machine.Logs],
            [machine.State, machine.Homes, machine.Folder, run, bin, etc, Path.Combine(run, "agent.cfg"), machine.DaemonProgram, Path.Combine(bin, "buildkite-agent"), AttackBench.Ground(worker)],
            [.. shared.Where(Directory.Exists)],

            // Not where other tests have folders that are open to everybody.
            [.. shared.Where(Directory.Exists), "/etc", "/opt", "/usr/local", "/home", "/var/log", "/var/spool", "/var/cache"],
            platform == "macos" ? machine.EmulatorRoot : "");
    }
}

/// <summary>The machine that is attacked, until an attack has succeeded: then the next one gets a new machine.</summary>
public sealed class AttackBench : SharedWorker
{
    // Jobs that begin and end quickly, side by side with an accomplice, on a machine that is soon full of processes.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Jobs:Slots"] = "2",
        ["Jobs:OutputGrace"] = "00:00:00.5",
        ["Jobs:StateCheckInterval"] = "00:00:00.3",
        ["Buildkite:PollInterval"] = "00:00:00.2",
        ["Agent:Processes"] = "300",
    };

    /// <summary>With which the names of all that is made begin.</summary>
    internal string Run { get; } = AttackGround.NewRun();

    /// <summary>Where the attacks are made ready.</summary>
    internal static string Ground(Worker worker) => Directory.CreateDirectory(Path.Combine(worker.Machine.Folder, "ground"), (UnixFileMode)0b111_101_101).FullName;

    private protected override Task<Worker> MakeAsync(string platform) => Worker.StartAsync(platform, Settings);
}

/// <summary>As in the catalogue, so that what looks for traces of the others comes last.</summary>
public sealed class CatalogueOrder : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase =>
        [.. testCases.OrderBy(test => AttackCatalogue.All.TakeWhile(attack => !test.TestCaseDisplayName.Contains($"\"{attack.Id}\"", StringComparison.Ordinal)).Count())];
}

/// <summary>Real accounts of the host.</summary>
public class AttacksOnLinux(AttackBench bench) : AttackScenarios("linux", bench), IClassFixture<AttackBench>
{
    [Theory]
    [MemberData(nameof(On), "linux")]
    public Task Nothing_is_left_of(string attack) => LeavesNothingAsync(attack);
}

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class AttacksOnMacOS(AttackBench bench) : AttackScenarios("macos", bench), IClassFixture<AttackBench>
{
    [Theory]
    [MemberData(nameof(On), "macos")]
    public Task Nothing_is_left_of(string attack) => LeavesNothingAsync(attack);
}
