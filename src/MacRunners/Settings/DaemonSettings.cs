using MacRunners.Platform;
using Microsoft.Extensions.Options;

namespace MacRunners.Settings;

/// <summary>
/// All sections, bound once: what the audit judged is what the daemon runs with. Nothing reloads; a changed file takes
/// effect at the next start.
/// </summary>
internal sealed class DaemonSettings
{
    private DaemonSettings(IConfiguration configuration)
    {
        Buildkite = configuration.GetSection(nameof(Buildkite)).Get<BuildkiteOptions>() ?? new();
        Jobs = configuration.GetSection(nameof(Jobs)).Get<JobsOptions>() ?? new();
        Agent = configuration.GetSection(nameof(Agent)).Get<AgentOptions>() ?? new();
        Accounts = configuration.GetSection(nameof(Accounts)).Get<AccountsOptions>() ?? new();
        Network = configuration.GetSection(nameof(Network)).Get<NetworkOptions>() ?? new();
        Teardown = configuration.GetSection(nameof(Teardown)).Get<TeardownOptions>() ?? new();
        Lifecycle = configuration.GetSection(nameof(Lifecycle)).Get<LifecycleOptions>() ?? new();
        Http = configuration.GetSection(nameof(Http)).Get<HttpOptions>() ?? new();
        Health = configuration.GetSection(nameof(Health)).Get<HealthOptions>() ?? new();
        Log = configuration.GetSection(nameof(Log)).Get<LogOptions>() ?? new();
        Paths = configuration.GetSection(nameof(Paths)).Get<PathsOptions>() ?? new();
        Platform = configuration.GetSection(nameof(Platform)).Get<PlatformOptions>() ?? new();
    }

    /// <summary>Section <c>Buildkite</c>.</summary>
    public BuildkiteOptions Buildkite { get; }

    /// <summary>Section <c>Jobs</c>.</summary>
    public JobsOptions Jobs { get; }

    /// <summary>Section <c>Agent</c>.</summary>
    public AgentOptions Agent { get; }

    /// <summary>Section <c>Accounts</c>.</summary>
    public AccountsOptions Accounts { get; }

    /// <summary>Section <c>Network</c>.</summary>
    public NetworkOptions Network { get; }

    /// <summary>Section <c>Teardown</c>.</summary>
    public TeardownOptions Teardown { get; }

    /// <summary>Section <c>Lifecycle</c>.</summary>
    public LifecycleOptions Lifecycle { get; }

    /// <summary>Section <c>Http</c>.</summary>
    public HttpOptions Http { get; }

    /// <summary>Section <c>Health</c>.</summary>
    public HealthOptions Health { get; }

    /// <summary>Section <c>Log</c>.</summary>
    public LogOptions Log { get; }

    /// <summary>Section <c>Paths</c>.</summary>
    public PathsOptions Paths { get; }

    /// <summary>Section <c>Platform</c>.</summary>
    public PlatformOptions Platform { get; }

    /// <summary>Binds all sections; values must have passed the audit, else the binder throws at the first that does not parse.</summary>
    public static DaemonSettings Bind(IConfiguration configuration) => new(configuration);

    /// <summary>Fills in what the configuration leaves to the platform.</summary>
    public void FillIn(PlatformPlaces places)
    {
        Paths.State = OrDefault(Paths.State, places.State);
        Paths.Logs = OrDefault(Paths.Logs, places.Logs);
        Paths.Homes = OrDefault(Paths.Homes, places.Homes);
        Paths.Run = OrDefault(Paths.Run, places.Run);
        Agent.Path = OrDefault(Agent.Path, places.Agent);
    }

    /// <summary>Makes every section available as <see cref="IOptions{TOptions}"/>.</summary>
    public void AddTo(IServiceCollection services) => services
        .AddSingleton(Options.Create(Buildkite))
        .AddSingleton(Options.Create(Jobs))
        .AddSingleton(Options.Create(Agent))
        .AddSingleton(Options.Create(Accounts))
        .AddSingleton(Options.Create(Network))
        .AddSingleton(Options.Create(Teardown))
        .AddSingleton(Options.Create(Lifecycle))
        .AddSingleton(Options.Create(Http))
        .AddSingleton(Options.Create(Health))
        .AddSingleton(Options.Create(Log))
        .AddSingleton(Options.Create(Paths))
        .AddSingleton(Options.Create(Platform));

    private static string OrDefault(string? configured, string fallback) => string.IsNullOrEmpty(configured) ? fallback : configured;
}
