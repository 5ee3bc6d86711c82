using MacRunners.Buildkite;
using MacRunners.Health;
using MacRunners.Hosting.Configuration;
using MacRunners.Hosting.Control;
using MacRunners.Hosting.Http;
using MacRunners.Hosting.Logging;
using MacRunners.Jobs;
using MacRunners.Platform;
using MacRunners.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MacRunners.Hosting;

/// <summary>The daemon, put together from an audited configuration.</summary>
internal static partial class DaemonHost
{
    /// <summary>Builds the host. Nothing runs yet but logging.</summary>
    /// <param name="audit">Without faults.</param>
    /// <param name="tokenFromEnvironment">Used when there is no <c>Buildkite:TokenFile</c>.</param>
    /// <param name="sockets">Bound; owned by the host from now on.</param>
    /// <param name="time">The clock.</param>
    /// <param name="add">Further services, added last; null for none.</param>
    public static WebApplication Build(
        ConfigurationAudit audit, string? tokenFromEnvironment, HttpSockets sockets, TimeProvider time, Action<IServiceCollection>? add = null)
    {
        // The empty builder: no settings from the working folder, no ASPNETCORE_* and DOTNET_* variables, no providers.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "macrunners",
            EnvironmentName = Environments.Production,
            ContentRootPath = "/",
        });
        var folders = new StateFolders(audit.Settings.Paths, audit.Platform.Files);
        folders.Ensure();
        builder.AddMacRunnersLogging(audit.Settings.Log, audit.Settings.Paths, folders);
        builder.AddMacRunnersHttp(sockets, ControlSocket.PathIn(audit.Settings.Paths));

        var services = builder.Services;
        audit.Settings.AddTo(services);
        services.TryAddSingleton(time);
        services.AddSingleton(provider => PlatformFactory.Create(
            audit.Settings.Platform,
            provider.GetRequiredService<ITool>(),
            audit.Settings.Jobs.DirectoryTimeout,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => provider.GetRequiredService<IPlatform>().Processes);
        services.AddSingleton(provider => provider.GetRequiredService<IPlatform>().Files);
        services.AddSingleton(provider => provider.GetRequiredService<IPlatform>().Domains);
        services.AddSingleton<IAgentToken>(provider => CreateToken(audit, tokenFromEnvironment, provider));
        services.AddSingleton<IAgentTokenSource>(provider => provider.GetRequiredService<IAgentToken>());
        services.AddMacRunnersTelemetry(audit.Platform.Name);
        services.AddFence(FencePlan.For(audit.Settings, sockets.EndPoints[0].Port));
        services.AddMacRunnersHealth();
        services.AddSingleton<IStacksClient>(provider => new StacksClient(
            new BuildkiteClientOptions { Endpoint = audit.Settings.Buildkite.Endpoint, RequestTimeout = audit.Settings.Buildkite.RequestTimeout },
            provider.GetRequiredService<IAgentTokenSource>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IApiObserver>()));
        services.AddJobs();
        add?.Invoke(services);

        var application = builder.Build();
        application.Services.PublishGauges();
        application.Lifetime.ApplicationStarted.Register(() => Started(
            application.Logger,
            ProductVersion.Text,
            audit.Platform.Name,
            string.Join(", ", sockets.EndPoints),
            audit.Settings.Paths.Logs));
        if (audit.Settings.Buildkite.AllowAgentTokenFallback)
        {
            application.Lifetime.ApplicationStarted.Register(() => FallbackAllowed(application.Logger));
        }

        application.AnswerRequests();
        return application;
    }

    private static IAgentToken CreateToken(ConfigurationAudit audit, string? fromEnvironment, IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        return audit.Settings.Buildkite.TokenFile is { Length: > 0 } file
            ? new AgentTokenFile(file, audit.Platform.Files, time, services.GetRequiredService<ILogger<AgentTokenFile>>())
            : new FixedAgentToken(fromEnvironment ?? throw new InvalidOperationException("The audit let a configuration without a token pass"), time);
    }

    [LoggerMessage(2301, LogLevel.Information, "macrunners {Version} on {Platform} runs as root; pages on {Addresses}; logs in {Logs}")]
    private static partial void Started(ILogger logger, string version, string platform, string addresses, string logs);

    [LoggerMessage(2302, LogLevel.Warning, "Buildkite:AllowAgentTokenFallback is on: the agent of a job without acquisition token gets the agent token itself. It should be a scoped token of this one queue that may only run jobs")]
    private static partial void FallbackAllowed(ILogger logger);
}
