using MacRunners.Accounts;
using MacRunners.Agent;
using MacRunners.Health;
using MacRunners.Hosting;
using MacRunners.Hosting.Configuration;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using Microsoft.Extensions.Options;

namespace MacRunners.Diagnosis;

/// <summary>The table of all examinations, in the order in which their findings are shown: causes before consequences.</summary>
internal static class Examinations
{
    /// <summary>All of them.</summary>
    /// <param name="audit">The configuration, faults and all.</param>
    /// <param name="token">The cluster token.</param>
    /// <param name="services">The daemon's parts, none of which holds anything yet.</param>
    /// <param name="withProbe">Whether an account may be made and deleted.</param>
    public static IReadOnlyList<Examination> All(ConfigurationAudit audit, IAgentToken token, IServiceProvider services, bool withProbe)
    {
        var settings = audit.Settings;
        var platform = services.GetRequiredService<IPlatform>();
        var directory = services.GetRequiredService<IAccountDirectory>();
        var time = services.GetRequiredService<TimeProvider>();
        var tokenSource = settings.Buildkite.TokenFile is { Length: > 0 } file ? file : $"{AgentTokenVariable.Name} in the environment";
        return
        [
            new RootExamination(),
            new ConfigurationExamination(audit),
            new PathsExamination(audit.Paths, Environment.ProcessPath ?? "/", platform.Files),
            new AgentExamination(services.GetRequiredService<AgentBinary>()),
            new TokenExamination(token, tokenSource),
            new BuildkiteExamination(settings.Buildkite, token, time),
            new SystemExamination(platform, services.GetRequiredService<GrowthWatch>(), settings.Buildkite.Tags),
            new AccountsExamination(directory),
            new HomesExamination(platform.HomeVolumes, settings.Accounts, settings.Paths),
            new FenceExamination(settings, platform.Fence),
            new DiskExamination(platform.Files, settings.Paths, services.GetRequiredService<IOptions<HealthOptions>>()),
            new MemoryExamination(platform.Host, services.GetRequiredService<IOptions<HealthOptions>>()),
            new PortExamination(settings.Http, platform.Service, settings.Paths.State),
            new ServiceExamination(platform.Service, platform.Files, settings.Paths.State),
            new LeftoversExamination(
                platform,
                directory,
                services.GetRequiredService<AccountRange>(),
                services.GetRequiredService<CleanlinessProof>(),
                services.GetRequiredService<SharedPlaces>(),
                settings.Paths),
            new ProbeExamination(audit, token, withProbe),
        ];
    }
}
