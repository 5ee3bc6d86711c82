using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using MacRunners.EndToEnd.Tokens;
using MacRunners.FaultyDaemon;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.Serve;
using MacRunners.Simulator.State;
using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd;

/// <summary>A trial machine in the words of the tests. Every wait has a generous limit and looks at the thing itself.</summary>
internal sealed partial class Worker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private const int LinesShown = 200;
    private static readonly HttpClient Client = new();

    private readonly UidBlock _uids;

    private Worker(TrialMachine machine, UidBlock uids)
    {
        Machine = machine;
        _uids = uids;
    }

    public TrialMachine Machine { get; }

    public Cluster Buildkite => Machine.Buildkite.Cluster;

    public static async Task<Worker> InstallAsync(
        string platform,
        IReadOnlyDictionary<string, string>? settings = null,
        string? agent = null,
        SimulatorOptions? buildkite = null,
        SharedBuildkite? shared = null,
        string? volume = null,
        bool faulty = false,
        IReadOnlyList<string>? serviceManager = null)
    {
        var uids = UidBlock.Take();
        try
        {
            var options = new TrialOptions
            {
                Programs = Published.Programs,
                Emulator = platform == "macos" ? Published.Emulator : null,
                OtherDaemon = faulty ? FaultyProgram.Path : null,
                Agent = agent,
                Volume = volume,
                ServiceManager = serviceManager ?? [],
                UidMin = uids.First,
                Settings = settings ?? new Dictionary<string, string>(),
            };
            return new Worker(await TrialMachine.CreateAsync(options, TestContext.Current.CancellationToken, buildkite, shared), uids);
        }
        catch
        {
            uids.Dispose();
            throw;
        }
    }

    public static async Task<Worker> StartAsync(
        string platform, IReadOnlyDictionary<string, string>? settings = null, string? agent = null, SimulatorOptions? buildkite = null, SharedBuildkite? shared = null, string? volume = null)
    {
        var worker = await InstallAsync(platform, settings, agent, buildkite, shared, volume);
        try
        {
            await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the daemon with faults, as <see cref="FaultPlan"/> names them. It may end at once, if that is the fault.</summary>
    public async Task StartFaultyAsync(params (string Variable, string Value)[] faults) =>
        _ = await Machine.TryStartOtherDaemonAsync(
            faults.ToDictionary(fault => fault.Variable, fault => fault.Value), TestContext.Current.CancellationToken);

    /// <summary>Starts the daemon and waits until it has come to that point of the journal, where it stays until it may <see cref="GoOn"/>.</summary>
    public async Task HoldAsync(string point)
    {
        File.Delete(GoOnFile);
        await StartFaultyAsync(("FAULT_HOLD", $"{point}:{GoOnFile}"));
        await LoggedAsync($"held at {point}");
    }

    /// <summary>Lets a daemon go on that is held.</summary>
    public void GoOn() => File.WriteAllText(GoOnFile, "");

    /// <summary>Waits until the daemon has died by SIGKILL.</summary>
    public async Task KilledAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            Assert.Equal(128 + 9, await Machine.WaitForDaemonAsync(patience.Token));
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"After {Patience.TotalSeconds} s the daemon still lives. It said:\n{ConsoleText()}");
        }
    }

    /// <summary>Runs a verb of the daemon's program with this machine's configuration.</summary>
    public async Task<(int ExitCode, string Output, string Error)> MacrunnersAsync(params string[] arguments)
    {
        var start = new System.Diagnostics.ProcessStartInfo(Machine.DaemonProgram, [.. arguments, "--config", Machine.ConfigFile])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var verb = System.Diagnostics.Process.Start(start)!;
        var (output, error) = (verb.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), verb.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await verb.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (verb.ExitCode, await output, await error);
    }

    /// <summary>What <c>macrunners status --json</c> says.</summary>
    public async Task<JsonNode> StatusAsync()
    {
        var (exitCode, output, error) = await MacrunnersAsync("status", "--json");
        Assert.True(exitCode == 0, error);
        return JsonNode.Parse(output)!;
    }

    /// <summary>Kills the daemon.</summary>
    public Task KillAsync()
    {
        Machine.SignalDaemon("KILL");
        return KilledAsync();
    }

    private string GoOnFile => Path.Combine(Machine.Folder, "go-on");

    public string JournalPath => Path.Combine(Machine.State, "journal.jsonl");

    /// <summary>What the journal says now; a line that is just being written is not seen.</summary>
    public IReadOnlyList<JournalEntry> Journal() =>
        [.. File.ReadLines(JournalPath).Select(line => JournalLine.TryRead(line, out var entry) ? entry : null).OfType<JournalEntry>()];

    /// <summary>Jobs that are not over, as the journal says.</summary>
    public IReadOnlyCollection<JobLife> OpenJobs() => Recall().OpenJobs;

    /// <summary>Least number that no account was given yet, as the journal says; 0 when none was.</summary>
    public uint NextUid() => File.Exists(JournalPath) ? Recall().NextUid : 0;

    /// <summary>Queues a job.</summary>
    public string Queue(string command, IReadOnlyDictionary<string, string>? env = null) =>
        Buildkite.AddJob(new JobSpec { Command = command, Env = env ?? new Dictionary<string, string>() });

    /// <summary>Queues a job and waits until the daemon has reported its end.</summary>
    public async Task<(JobView Job, JsonNode Report)> RunAsync(string command, IReadOnlyDictionary<string, string>? env = null)
    {
        var id = Queue(command, env);
        return (await EndedAsync(id), Machine.Report(id)!);
    }

    /// <summary>Waits for the daemon's report of a job, and returns the job as Buildkite sees it.</summary>
    public async Task<JobView> EndedAsync(string id)
    {
        await UntilAsync(() => Machine.Report(id) is not null, $"job {id} has a report");
        return Buildkite.ViewJob(id);
    }

    public Task StateAsync(string id, string state) => UntilAsync(() => Buildkite.ViewJob(id).State == state, $"job {id} is {state}");

    /// <summary>Waits until the job has printed a line that begins so.</summary>
    public Task PrintsAsync(string id, string line) => UntilAsync(
        () => Printed(Buildkite.ViewJob(id)).Any(printed => printed.StartsWith(line, StringComparison.Ordinal)), $"job {id} has printed '{line}'");

    /// <summary>Number of the job's agent as the daemon logged it.</summary>
    public int AgentPid(string id)
    {
        var log = File.ReadAllText(Path.Combine(Machine.Logs, "jobs", $"{id}.log"));
        return int.Parse(AgentStart().Matches(log)[^1].Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Whether the job's agent is still a process.</summary>
    public bool AgentLives(string id) => File.Exists($"/proc/{AgentPid(id)}/stat") && !File.ReadAllText($"/proc/{AgentPid(id)}/stat").Contains(") Z ", StringComparison.Ordinal);

    /// <summary>Kills the job's agent alone.</summary>
    public void KillAgent(string id)
    {
        using var kill = System.Diagnostics.Process.Start("/bin/kill", ["-KILL", $"{AgentPid(id)}"]);
        kill.WaitForExit();
    }

    public Task LoggedAsync(string text) => UntilAsync(() => Machine.Console.Contains(text, StringComparison.Ordinal), $"the daemon has logged '{text}'");

    public string ConsoleText() => File.Exists(Machine.ConsoleLog) ? File.ReadAllText(Machine.ConsoleLog) : "";

    public async Task<(HttpStatusCode Status, JsonNode Body)> HealthAsync(string path = "health")
    {
        using var answer = await Client.GetAsync(new Uri(Machine.Http, path), TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    /// <summary>Waits until <c>/health</c> says so; returns its status code.</summary>
    public async Task<HttpStatusCode> HealthIsAsync(string status)
    {
        var answer = await HealthAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (answer.Body["status"]!.GetValue<string>() != status)
        {
            Assert.False(patience.IsCancellationRequested, $"/health does not become {status}: {answer.Body}");
            await Task.Delay(Look, TimeProvider.System, TestContext.Current.CancellationToken);
            answer = await HealthAsync();
        }

        return answer.Status;
    }

    /// <summary>Waits until a job would be taken at once.</summary>
    public async Task ReadyAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (await HealthAsync("health/ready") is { Status: not HttpStatusCode.OK } answer)
        {
            Assert.False(patience.IsCancellationRequested, $"The machine does not become ready: {answer.Body}. The daemon:\n{ConsoleText()}");
            await Task.Delay(Look, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The value of a metric without labels, or with exactly these.</summary>
    public async Task<string> MetricAsync(string nameAndLabels)
    {
        using var client = new HttpClient { BaseAddress = Machine.Http };
        var text = await client.GetStringAsync("metrics", TestContext.Current.CancellationToken);
        return text.Split('\n').Single(line => line.StartsWith(nameAndLabels + " ", StringComparison.Ordinal))[(nameAndLabels.Length + 1)..];
    }

    /// <summary>Everything the machine's accounts have on this host; the trash is emptied behind the jobs, so it is waited for.</summary>
    public async Task IsCleanAsync()
    {
        // A daemon that was just started tests itself with an account of its own.
        await UntilAsync(async () => !await IsTestingItselfAsync(), "the self-test is over", Patience);
        await UntilAsync(
            () => !Directory.EnumerateFileSystemEntries(Path.Combine(Machine.State, "trash")).Any(), "the trash is empty");
        Assert.Empty(Machine.Leftovers());
    }

    private async Task<bool> IsTestingItselfAsync()
    {
        try
        {
            return (await HealthAsync()).Body["checks"]!.AsArray().Any(check =>
                check!["name"]!.GetValue<string>() == "selftest" && check["status"]!.GetValue<string>() == "degraded");
        }
        catch (HttpRequestException)
        {
            // There is no daemon.
            return false;
        }
    }

    /// <summary>Waits for something.</summary>
    /// <param name="holds">Whether it is so.</param>
    /// <param name="what">For people.</param>
    /// <param name="atLeast">What the daemon itself waits for before; null: nothing.</param>
    public Task UntilAsync(Func<bool> holds, string what, TimeSpan? atLeast = null) =>
        UntilAsync(() => Task.FromResult(holds()), what, Patience + (atLeast ?? TimeSpan.Zero));

    /// <summary>Waits, longer than usual where a test is about waiting.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, string what, TimeSpan limit)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(limit);
        while (!await holds())
        {
            try
            {
                await Task.Delay(Look, TimeProvider.System, patience.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                Assert.Fail($"After {limit.TotalSeconds} s it is still not so that {what}. The daemon:\n{string.Join('\n', ConsoleText().Split('\n').TakeLast(LinesShown))}");
            }
        }
    }

    /// <summary>Lines a job printed, without the agent's own, terminal codes removed.</summary>
    public static IReadOnlyList<string> Printed(JobView job) =>
        [.. System.Text.RegularExpressions.Regex.Replace(job.Log, "\u001b(_bk;t=\\d+\u0007|\\[[0-9;]*[A-Za-z])", "")
            .Split('\n').Select(line => line.TrimEnd('\r'))];

    public static string Value(JobView job, string name) =>
        Printed(job).First(line => line.StartsWith($"{name}=", StringComparison.Ordinal))[(name.Length + 1)..];

    public static int Number(JsonNode? node) => int.Parse(node!.ToString(), CultureInfo.InvariantCulture);

    /// <summary>No test ends without a look for the machine's secrets in all that it leaves behind.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            Assert.Empty(TokenTraces.Find(Machine));
        }
        finally
        {
            try
            {
                await Machine.DisposeAsync();
            }
            finally
            {
                _uids.Dispose();
            }
        }
    }

    private JournalContent Recall()
    {
        var content = new JournalContent();
        foreach (var entry in Journal())
        {
            content.Apply(entry);
        }

        return content;
    }

    [System.Text.RegularExpressions.GeneratedRegex("The agent runs with pid ([0-9]+)")]
    private static partial System.Text.RegularExpressions.Regex AgentStart();
}
