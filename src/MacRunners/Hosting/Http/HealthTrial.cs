using System.Net;
using MacRunners.Agent;
using MacRunners.Health;
using MacRunners.Health.Checks;
using MacRunners.Hosting.Configuration;
using MacRunners.Jobs;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Hosting.Http;

/// <summary>
/// The daemon's own pages while no daemon runs, on a free port of this machine, with the checks that look at the machine alone. It takes no
/// token, asks nothing of Buildkite and leaves nothing behind.
/// </summary>
internal sealed class HealthTrial : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly WebApplication _pages;

    private HealthTrial(WebApplication pages, Uri health)
    {
        _pages = pages;
        Health = health;
    }

    /// <summary>Of <c>/health</c>.</summary>
    public Uri Health { get; }

    /// <summary>Starts it, and waits until each check has looked.</summary>
    /// <exception cref="InvalidDataException">The agent is none that root may ask for its version.</exception>
    public static async Task<HealthTrial> StartAsync(ConfigurationAudit audit, CancellationToken cancellationToken)
    {
        if (audit.Faults.FirstOrDefault(fault => fault.Key == "Agent:Path") is { } fault)
        {
            throw new InvalidDataException($"{fault.Key} is not {fault.Allowed}: {fault.Remedy}");
        }

        using var sockets = HttpSockets.Bind(new HttpOptions { Addresses = [$"{IPAddress.Loopback}"], Port = 0 }, []);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = "/" });
        builder.AddMacRunnersPages(sockets);
        var services = builder.Services;
        audit.Settings.AddTo(services);
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<ITool, Tool>();
        services.AddSingleton(provider => PlatformFactory.Create(
            audit.Settings.Platform, provider.GetRequiredService<ITool>(), audit.Settings.Jobs.DirectoryTimeout, TimeProvider.System, NullLoggerFactory.Instance));
        services.AddSingleton(provider => provider.GetRequiredService<IPlatform>().Files);
        services.AddSingleton(provider => provider.GetRequiredService<IPlatform>().Accounts);
        services.AddSingleton(provider => provider.GetRequiredService<IPlatform>().Host);
        services.AddSingleton(new DaemonMetrics(ProductVersion.Text, audit.Platform.Name));
        services.AddSingleton<AgentBinary>();
        services.AddSingleton<Admission>();
        services.AddSingleton<IDispatcherStatus, NoDispatcher>();
        services.AddSingleton<ISelfTestState, NoSelfTest>();

        services.AddHealthChecks()
            .AddCheck<AccountsCheck>("accounts")
            .AddCheck<MemoryCheck>("memory")
            .AddCheck<AgentCheck>("agent");
        services.AddSingleton<HealthBoard>();
        services.AddHostedService(provider => provider.GetRequiredService<HealthBoard>());

        var health = new UriBuilder(Uri.UriSchemeHttp, $"{IPAddress.Loopback}", sockets.EndPoints[0].Port, "health").Uri;
        var pages = builder.Build();
        try
        {
            pages.Run(pages.Services.GetRequiredService<StatusEndpoints>().AnswerAsync);
            await pages.StartAsync(cancellationToken);
            var board = pages.Services.GetRequiredService<HealthBoard>();
            while (!board.HasLooked)
            {
                await Task.Delay(Poll, TimeProvider.System, cancellationToken);
            }

            return new HealthTrial(pages, health);
        }
        catch
        {
            await pages.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _pages.DisposeAsync();

    private sealed class NoDispatcher : IDispatcherStatus
    {
        public DispatcherState State => DispatcherState.Starting;

        public DateTimeOffset? LastSuccessfulPoll => null;

        public TimeSpan? SinceLastSuccessfulPoll => null;

        public string? LastError => null;

        public int FailedPolls => 0;

        public bool ReadyForJobs => false;

        public bool HasSettled => false;

        public IReadOnlyList<RunningJob> RunningJobs => [];

        public IReadOnlyList<EndedJob> RecentJobs => [];
    }

    private sealed class NoSelfTest : ISelfTestState
    {
        public string? Problem => null;

        public bool IsPending => true;

        public DateTimeOffset? PassedAt => null;

        public int FailuresInARow => 0;
    }
}
