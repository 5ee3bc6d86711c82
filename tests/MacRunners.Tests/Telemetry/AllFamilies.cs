using MacRunners.Health;
using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Settings;
using MacRunners.Telemetry;
using MacRunners.Tests.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace MacRunners.Tests.Telemetry;

/// <summary>Everything that <c>/metrics</c> shows, as <see cref="TelemetryRegistration"/> puts it together, on the daemon's real checks' names.</summary>
internal static class AllFamilies
{
    internal static void AddTo(DaemonMetrics metrics)
    {
        var services = new ServiceCollection();
        services.AddMacRunnersTelemetry("linux");
        services.AddSingleton(metrics);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IHostFigures>(new LinuxHost());
        services.AddSingleton<IDispatcherStatus>(new FakeDispatcher());
        services.AddSingleton<ISelfTestState>(new FakeSelfTest());
        services.AddSingleton(Substitute.For<IDirtyState>());
        services.AddSingleton(Substitute.For<IRetireState>());
        services.AddSingleton(Substitute.For<ITokenAge>());
        services.AddSingleton(Options.Create(new JobsOptions()));
        services.AddSingleton(Options.Create(new HealthOptions()));
        services.AddSingleton(Substitute.For<IPlatform>());
        services.AddSingleton<GrowthWatch>();
        services.AddSingleton(Options.Create(new PathsOptions { State = "/", Homes = "/" }));
        services.AddSingleton(provider => new HealthBoard(
            Checks(), provider, Options.Create(new HealthOptions()), TimeProvider.System, NullLogger<HealthBoard>.Instance));
        services.BuildServiceProvider().PublishGauges();
    }

    private static IOptions<HealthCheckServiceOptions> Checks()
    {
        var services = new ServiceCollection();
        services.AddMacRunnersHealth();
        return services.BuildServiceProvider().GetRequiredService<IOptions<HealthCheckServiceOptions>>();
    }
}
