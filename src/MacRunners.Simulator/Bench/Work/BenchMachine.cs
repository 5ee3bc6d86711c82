using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Serve;
using MacRunners.Simulator.State;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Bench.Work;

/// <summary>
/// A trial machine whose agent tells when it ran, with the daemon's default intervals. Whatever does not go as it should is an
/// <see cref="InvalidOperationException"/>: figures of failing jobs are worth nothing.
/// </summary>
internal sealed class BenchMachine : IAsyncDisposable
{
    private const UnixFileMode Program = (UnixFileMode)0b111_101_101;
    private const double MillisecondsPerSecond = 1000;
    private const double KibibytesPerMebibyte = 1024;
    private const int ShownLines = 20;
    private const int ShownCharacters = 400;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    // Longer than the longest job and the emptying of its trash.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private BenchMachine(TrialMachine trial) => Trial = trial;

    /// <summary>The machine.</summary>
    public TrialMachine Trial { get; }

    /// <summary>The local Buildkite's jobs.</summary>
    public Cluster Cluster => Trial.Buildkite.Cluster;

    /// <summary>How often the daemon looks for jobs while a slot is free.</summary>
    public static TimeSpan PollInterval { get; } = TimeSpan.FromSeconds(1.5);

    private string Trash => Path.Combine(Trial.State, "trash");

    private string Agent => Path.Combine(Trial.Folder, "bin", "buildkite-agent");

    /// <summary>Makes one; its daemon is not started.</summary>
    public static async Task<BenchMachine> CreateAsync(TrialOptions options, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string>(options.Settings)
        {
            // The daemon's own defaults, where trial machines have others.
            ["Buildkite:PollInterval"] = PollInterval.ToString("c", CultureInfo.InvariantCulture),
            ["Buildkite:BusyPollInterval"] = "00:00:15",
            ["Jobs:StateCheckInterval"] = "00:00:05",
        };
        var buildkite = new SimulatorOptions { ClusterTokens = [], Queues = ["default", Floor.Queue] };
        var machine = new BenchMachine(await TrialMachine.CreateAsync(options with { Settings = settings }, cancellationToken, buildkite));
        machine.InstallAgent();
        return machine;
    }

    /// <summary>Starts the daemon.</summary>
    /// <returns>How long it took to its first poll for jobs, in milliseconds.</returns>
    public async Task<double> StartAsync(CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetUtcNow();
        await Trial.StartDaemonAsync(cancellationToken);
        DateTimeOffset? firstPoll = null;
        await UntilAsync(
            () => (firstPoll = Trial.Buildkite.Requests.All("scheduled-jobs").FirstOrDefault(request => request.At >= started)?.At) is not null,
            "the daemon's first poll",
            cancellationToken);
        await UntilReadyAsync(cancellationToken);
        return (firstPoll!.Value - started).TotalMilliseconds;
    }

    /// <summary>Stops the daemon.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var exitCode = await Trial.StopDaemonAsync(cancellationToken);
        if (exitCode != 0)
        {
            throw Fault($"The daemon ended with {exitCode} after SIGTERM");
        }
    }

    /// <summary>Gives the daemon a job and waits for its end.</summary>
    public Task<JobTimes> RunAsync(string command, CancellationToken cancellationToken) => EndOfAsync(Queue(command), cancellationToken);

    /// <summary>Puts a job into the daemon's queue.</summary>
    /// <returns>Its id.</returns>
    public string Queue(string command) => Cluster.AddJob(new JobSpec { Command = AgentSpan.CommandStamp + command });

    /// <summary>Waits for the end of a job of the daemon.</summary>
    public async Task<JobTimes> EndOfAsync(string job, CancellationToken cancellationToken)
    {
        JsonNode? report = null;
        await UntilAsync(() => (report = Trial.Report(job)) is not null, $"the end of job {job}", cancellationToken);
        if (report!["outcome"]?.GetValue<string>() != "Finished" || report["clean"]?.GetValue<bool>() != true)
        {
            throw Fault($"A job did not end as it should: {Cropped(report.ToJsonString())}");
        }

        RequirePassed(job);
        var view = Cluster.ViewJob(job);
        var agentLog = await File.ReadAllTextAsync(Path.Combine(Trial.Logs, "jobs", $"{job}.agent.log"), cancellationToken);
        if (AgentSpan.Find(agentLog) is not [var agent])
        {
            throw Fault($"The agent of job {job} did not tell its times: {agentLog}");
        }

        return new JobTimes(
            report["phases"]!.AsObject().ToDictionary(phase => phase.Key, phase => phase.Value!.GetValue<double>() * MillisecondsPerSecond),
            report["endedAt"]!.GetValue<DateTimeOffset>(),
            view.ScheduledAt,
            agent,
            AgentSpan.FindCommand(view.Log));
    }

    /// <summary>Refuses a job that did not pass at Buildkite.</summary>
    public void RequirePassed(string job)
    {
        if (Cluster.ViewJob(job) is not { State: "finished", ExitStatus: 0, LogComplete: true } and var view)
        {
            throw Fault($"Job {job} is {view.State} with exit status {view.ExitStatus?.ToString(CultureInfo.InvariantCulture) ?? "none"} at Buildkite; its log:\n{view.Log}");
        }
    }

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="holds">Looked at often.</param>
    /// <param name="what">For people, should it never come.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    public async Task UntilAsync(Func<bool> holds, string what, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (!Trial.IsDaemonRunning || TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw Fault($"The daemon ended, or {what} did not come within {Patience.TotalMinutes:0} minutes");
            }

            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Memory of the daemon.</summary>
    public double ResidentMebibytes()
    {
        var line = File.ReadLines($"/proc/{Trial.DaemonPid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / KibibytesPerMebibyte;
    }

    /// <summary>Whether nothing is in the daemon's trash.</summary>
    public bool IsTrashEmpty() => !Directory.EnumerateFileSystemEntries(Trash).Any();

    /// <summary>Whether an account of a job has a home.</summary>
    public bool HasHomes() => Directory.EnumerateFileSystemEntries(Trial.Homes).Any();

    /// <summary>Arguments that run the agent for a job without the daemon, as the daemon gives them.</summary>
    /// <param name="job">Which one.</param>
    /// <param name="home">Folder that is the agent's.</param>
    /// <param name="queue">Its queue.</param>
    public IReadOnlyList<string> AgentCommand(string job, string home, string queue) =>
    [
        Agent, "start", "--acquire-job", job, "--config", AgentConfiguration, "--endpoint", Trial.Buildkite.Endpoint.AbsoluteUri, "--name", "bench",
        "--tags", $"queue={queue}", "--build-path", Path.Combine(home, "workspace"), "--plugins-path", Path.Combine(home, "plugins"),
        "--sockets-path", Path.Combine(home, "s"), "--shell", "/bin/bash -e -c", "--log-format", "json", "--no-color",
    ];

    /// <summary>The environment for that.</summary>
    public IReadOnlyDictionary<string, string> AgentEnvironment(string home, string user) => new Dictionary<string, string>
    {
        ["BUILDKITE_AGENT_TOKEN"] = Trial.ClusterToken,
        ["HOME"] = home,
        ["USER"] = user,
        ["LOGNAME"] = user,
        ["SHELL"] = "/bin/bash",
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["LC_ALL"] = "C",
    };

    /// <summary>A folder of the machine for work without the daemon; accounts may pass through it.</summary>
    public string FolderFor(string name) => Directory.CreateDirectory(Path.Combine(Trial.Folder, name), Program).FullName;

    /// <summary>What went wrong, with the daemon's last lines.</summary>
    public InvalidOperationException Fault(string what) =>
        new($"{what}\nThe daemon's last lines:\n{string.Join('\n', File.Exists(Trial.ConsoleLog) ? File.ReadLines(Trial.ConsoleLog).TakeLast(ShownLines).Select(Cropped) : [])}");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Trial.DisposeAsync();

    private static string Cropped(string line) => line[..Math.Min(line.Length, ShownCharacters)];

    private string AgentConfiguration => Path.Combine(Trial.Folder, "etc", "agent.cfg");

    private void InstallAgent()
    {
        var stub = Directory.CreateDirectory(Path.Combine(Trial.Folder, "bin", AgentSpan.StubFolder), Program).FullName;
        File.Move(Agent, Path.Combine(stub, "buildkite-agent"));
        File.WriteAllText(Agent, AgentSpan.Program);
        File.SetUnixFileMode(Agent, Program);
        File.WriteAllText(AgentConfiguration, "# Deliberately empty.\n");
        File.SetUnixFileMode(AgentConfiguration, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    private async Task UntilReadyAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = Trial.Http };
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await client.GetAsync("health/ready", cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw Fault("The daemon does not become ready for jobs");
            }

            await Task.Delay(Look * 10, TimeProvider.System, cancellationToken);
        }
    }
}
