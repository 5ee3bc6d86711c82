using MacRunners.Accounts;
using MacRunners.Buildkite;
using MacRunners.Health;
using MacRunners.Hosting.Configuration;
using MacRunners.Jobs;
using MacRunners.Platform;
using MacRunners.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Hosting;

/// <summary>
/// The daemon's parts for a verb that does something of its work while no daemon runs: the same code with the same settings, but nothing
/// runs by itself, and what goes wrong is told by results instead of a log.
/// </summary>
internal static class OfflineServices
{
    /// <summary>Puts the parts together.</summary>
    /// <param name="audit">Settings and platform.</param>
    /// <param name="token">The cluster token, for what needs it.</param>
    public static ServiceProvider Build(ConfigurationAudit audit, IAgentToken token)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        audit.Settings.AddTo(services);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(PlatformFactory.Create(
            audit.Settings.Platform, new Tool(TimeProvider.System), audit.Settings.Jobs.DirectoryTimeout, TimeProvider.System, NullLoggerFactory.Instance));
        services.AddSingleton(new DaemonMetrics(ProductVersion.Text, audit.Platform.Name));
        services.AddSingleton<IJobLogs, NoJobLogs>();
        services.AddSingleton<IFenceState, NoFence>();
        services.AddSingleton(token);
        services.AddSingleton<IAgentTokenSource>(token);
        services.AddSingleton<FreeSpace>();
        services.AddSingleton<IRetireState, RetireState>();
        services.AddJobs();
        services.AddSingleton<AccountSearch>();
        services.AddSingleton<AccountsByHand>();
        return services.BuildServiceProvider();
    }

    /// <summary>None is needed: no job runs without the daemon.</summary>
    private sealed class NoFence : IFenceState
    {
        public string? Problem => null;

        public string Detail => "only the daemon keeps it";

        public string Remedy => "";
    }

    private sealed class NoJobLogs : IJobLogs
    {
        public IDisposable Open(Guid job) => new NoFile();

        private sealed class NoFile : IDisposable
        {
            public void Dispose()
            {
            }
        }
    }
}
