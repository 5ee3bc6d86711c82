using MacRunners.Agent;
using MacRunners.Health;
using MacRunners.Hosting;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using MacRunners.Tests.Commands;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Teardown;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace MacRunners.Tests.Jobs;

/// <summary>
/// Everything from the job source to the proof, put together as in the daemon, on real files and processes and with a range of numbers of
/// its own. Buildkite and the account database are the test's; the agent is a script.
/// </summary>
internal sealed class JobMachine : IAsyncDisposable
{
    private const UnixFileMode Program = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Everybody = (UnixFileMode)0b1_111_111_111;
    private const int Numbers = 10;
    private static int _machines;

    private readonly Scratch _scratch = new("/var/lib/macrunners-dev");
    private readonly AccountsOptions _accounts;
    private readonly ServiceProvider _services;
    private readonly uint _first = (uint)(870000 + (Environment.ProcessId % 1000 * 100) + (Interlocked.Increment(ref _machines) % 10 * Numbers));

    /// <param name="versionInAccount">What the agent does before it answers <c>--version</c> to another user than root; its folder is <c>${0%/*}</c>.</param>
    /// <param name="home">What homes are.</param>
    internal JobMachine(string versionInAccount = "", HomeKind home = HomeKind.Folder)
    {
        _accounts = new AccountsOptions { UidMin = (int)_first, UidMax = (int)_first + Numbers - 1, Home = home };
        foreach (var folder in new[] { "state", "homes", "shared", "run", "logs/jobs" })
        {
            Directory.CreateDirectory(_scratch[folder]);
        }

        File.SetUnixFileMode(_scratch["shared"], Everybody);
        File.WriteAllText(AgentPath, $"""
            #!/bin/sh
            [ "$1" = --version ] || exit 3
            if [ "$(id -u)" != 0 ]; then :
            {versionInAccount}
            fi
            echo 'buildkite-agent version 3.87.0, build 1'

            """);
        File.SetUnixFileMode(AgentPath, Program);
        Platform = new TestPlatform([_scratch["shared"]]);
        Fence.Problem.Returns((string?)null);
        Source.FindAsync(default, default).ReturnsForAnyArgs(new JobOffers([], false));
        Source.ReserveAsync([], default).ReturnsForAnyArgs([]);
        _services = Build();
        Get<AgentLauncher>().Prepare(new HashSet<Guid>());
        Get<Trash>().Prepare();
    }

    internal string this[string name] => _scratch[name];

    internal string AgentPath => _scratch["buildkite-agent"];

    internal string JournalPath => _scratch["state/journal.jsonl"];

    internal TestPlatform Platform { get; }

    internal ListedAccounts Accounts => Platform.Accounts;

    /// <summary>As after a restart with another configuration.</summary>
    internal void Reconfigure(HomeKind home) => _accounts.Home = home;

    internal IJobSource Source { get; } = Substitute.For<IJobSource>();

    internal IFenceState Fence { get; } = Substitute.For<IFenceState>();

    internal IProcessEnd ProcessEnd { get; } = Substitute.For<IProcessEnd>();

    internal JournalFile Journal => Get<JournalFile>();

    internal T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>What is left of this machine's accounts: processes, homes, shared files.</summary>
    internal IReadOnlyList<string> Leftovers() =>
    [
        .. Enumerable.Range((int)_first, Numbers).SelectMany(id => Platform.Processes.OwnedBy((uint)id)).Select(process => process.ToString()),
        .. Directory.EnumerateFileSystemEntries(_scratch["homes"]),
        .. Directory.EnumerateFileSystemEntries(_scratch["shared"]),
        .. Accounts.Entries.Select(entry => entry.Name),
        .. Platform.ControlGroups.Owners().Where(uid => uid >= _first && uid < _first + Numbers).Select(uid => $"control group of {uid}"),
    ];

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        foreach (var id in Enumerable.Range((int)_first, Numbers))
        {
            JobProcess.KillAll((uint)id);
            await Platform.ControlGroups.RemoveAsync((uint)id);
        }

        _scratch.Dispose();
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IPlatform>(Platform);
        services.AddSingleton(new DaemonMetrics("0", "linux"));
        services.AddSingleton(Substitute.For<IJobLogs>());
        services.AddSingleton(Substitute.For<IAgentToken>());
        services.AddSingleton<IHostApplicationLifetime, ApplicationLifetime>();
        services.AddSingleton(Fence);
        services.AddSingleton<FreeSpace>();
        services.AddSingleton(Options.Create(new AgentOptions { Path = AgentPath }));
        services.AddSingleton(Options.Create(_accounts));
        services.AddSingleton(Options.Create(new JobsOptions()));
        services.AddSingleton(Options.Create(new BuildkiteOptions
        {
            PollInterval = TimeSpan.FromMilliseconds(10),
            BusyPollInterval = TimeSpan.FromMilliseconds(10),
        }));
        services.AddSingleton(Options.Create(new TeardownOptions()));
        services.AddSingleton(Options.Create(new LifecycleOptions()));
        services.AddSingleton(Options.Create(new PlatformOptions()));
        services.AddSingleton(Options.Create(new HealthOptions { MinFreeBytes = 0 }));
        services.AddSingleton(Options.Create(new PathsOptions
        {
            State = _scratch["state"],
            Homes = _scratch["homes"],
            Logs = _scratch["logs"],
            Run = _scratch["run"],
        }));
        services.AddJobs();
        services.AddSingleton(new HelperCommand(Options.Create(new PlatformOptions())) { Program = HelperVerb.Program });
        services.AddSingleton(Source);
        services.AddSingleton(ProcessEnd);
        return services.BuildServiceProvider();
    }
}
