using MacRunners.Buildkite;
using MacRunners.Hosting;
using MacRunners.Platform;

namespace MacRunners.Telemetry;

/// <summary>Puts the metrics together.</summary>
internal static class TelemetryRegistration
{
    /// <summary>Adds the counters, and the gauges that <see cref="PublishGauges"/> connects.</summary>
    public static IServiceCollection AddMacRunnersTelemetry(this IServiceCollection services, string platform) => services
        .AddSingleton(new DaemonMetrics(ProductVersion.Text, platform))
        .AddSingleton<IApiObserver>(provider => provider.GetRequiredService<DaemonMetrics>())
        .AddSingleton<ITokenAge>(provider => provider.GetRequiredService<IAgentToken>())
        .AddSingleton<IHostFigures>(provider => provider.GetRequiredService<IPlatform>().Host)
        .AddSingleton<StateGauges>()
        .AddSingleton<ProcessGauges>()
        .AddSingleton<HostGauges>()
        .AddSingleton<DiskGauges>()
        .AddSingleton<HealthGauges>();

    /// <summary>Connects the gauges to what they show. After the container is built: what they read from counts events itself.</summary>
    public static void PublishGauges(this IServiceProvider services)
    {
        services.GetRequiredService<StateGauges>();
        services.GetRequiredService<ProcessGauges>();
        services.GetRequiredService<HostGauges>();
        services.GetRequiredService<DiskGauges>();
        services.GetRequiredService<HealthGauges>();
    }
}
