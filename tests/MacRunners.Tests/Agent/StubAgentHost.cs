using System.Diagnostics;
using System.Text.RegularExpressions;
using MacRunners.Simulator.Agent.Running;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.Serve;
using MacRunners.Simulator.State;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Agent;

/// <summary>A local Buildkite in this process and a folder in which real stub agents run against it.</summary>
public abstract partial class StubAgentHost : IAsyncLifetime
{
    private protected const string Token = "bkct_cluster_token";
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);
    private readonly List<Process> _processes = [];

    private protected Scratch Scratch { get; } = new();

    private protected SimulatorServer Server { get; private set; } = null!;

    private protected string Program => Scratch["bin/buildkite-agent"];

    private protected string Home => Scratch["home"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        foreach (var folder in new[] { "bin", "home", "tmp", "hooks", "repositories" })
        {
            Directory.CreateDirectory(Scratch[folder]);
        }

        File.CreateSymbolicLink(Program, Path.Combine(AppContext.BaseDirectory, "macrunners-sim"));
        Server = await SimulatorServer.StartAsync(
            new SimulatorOptions { ClusterTokens = [Token], Repositories = Scratch["repositories"], DemoRepository = true },
            TimeProvider.System,
            Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }

            process.Dispose();
        }

        // What a job left behind on purpose stays inside its home.
        Scratch.Shell("for p in /proc/[0-9]*; do case $(readlink $p/cwd) in \"$1\"/*) kill -KILL ${p#/proc/};; esac; done", Scratch.Folder);
        await Server.DisposeAsync();
        Scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected string AddJob(string command, params (string Name, string Value)[] env) =>
        Server.Cluster.AddJob(new JobSpec { Command = command, Env = env.ToDictionary(e => e.Name, e => e.Value) });

    private protected JobView Job(string id) => Server.Cluster.ViewJob(id);

    /// <summary>The job's log without the agent's timestamps and the terminal's carriage returns.</summary>
    private protected string Log(string id) => Timestamps().Replace(Job(id).Log, "").Replace("\r", "", StringComparison.Ordinal);

    private protected StubAgent Start(params IEnumerable<string> arguments) => Start([], arguments);

    /// <summary>Starts the executable in an environment that holds what a daemon gives it, and nothing else.</summary>
    private protected StubAgent Start((string Name, string Value)[] variables, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Home,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        start.Environment["HOME"] = Home;
        start.Environment["TMPDIR"] = Scratch["tmp"];
        start.Environment[RetryTime.Variable] = "0.001";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        var process = System.Diagnostics.Process.Start(start)!;
        _processes.Add(process);
        return new StubAgent(process);
    }

    /// <summary>Starts an agent for a job the way the daemon does: token by variable, the rest by flags.</summary>
    private protected StubAgent StartFor(string job, params string[] more) => Start([("BUILDKITE_AGENT_TOKEN", Token)], [.. ArgumentsFor(job), .. more]);

    private protected string[] ArgumentsFor(string job) =>
    [
        "start", "--acquire-job", job, "--endpoint", Server.Endpoint.ToString(), "--name", "host.1", "--tags", "queue=default,os=test",
        "--build-path", Path.Combine(Home, "builds"), "--hooks-path", Scratch["hooks"], "--sockets-path", Path.Combine(Home, "s"), "--no-color",
    ];

    private protected async Task<JobView> RunAsync(string job, params string[] more)
    {
        var ended = await StartFor(job, more).WaitAsync();
        Assert.True(ended.ExitCode == 0, ended.Error);
        return Job(job);
    }

    private protected static async Task WaitForAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(LookAgainAfter, TimeProvider.System, Cancelled);
        }
    }

    private protected Task WaitForLogAsync(string job, string text) => WaitForAsync(() => Log(job).Contains(text, StringComparison.Ordinal));

    private protected void WriteHook(string name, string script)
    {
        File.WriteAllText(Path.Combine(Scratch["hooks"], name), script);
    }

    /// <summary>Calls the agent made, without the repeated ones.</summary>
    private protected string[] Calls(string job) => Server.Requests.All()
        .Where(r => r.Path.StartsWith("/v3/", StringComparison.Ordinal))
        .Select(r => $"{r.Method} {r.Path["/v3/".Length..].Replace(job, "ID", StringComparison.Ordinal)}")
        .Where(call => call is not ("GET jobs/ID" or "POST jobs/ID/chunks" or "POST heartbeat"))
        .ToArray();

    [GeneratedRegex(@"\e_bk;t=\d+\a")]
    private static partial Regex Timestamps();
}
