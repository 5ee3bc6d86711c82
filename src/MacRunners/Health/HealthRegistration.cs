using MacRunners.Health.Checks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health;

/// <summary>Puts the checks together.</summary>
internal static class HealthRegistration
{
    // The others read memory or ask the kernel, and follow Health:RefreshInterval.
    private static readonly Dictionary<string, TimeSpan> Periods = new()
    {
        ["accounts"] = AccountsCheck.Period,
        ["growth"] = GrowthCheck.Period,
        ["journal"] = JournalCheck.Period,
    };

    /// <summary>Adds all checks and the board that runs them.</summary>
    public static IServiceCollection AddMacRunnersHealth(this IServiceCollection services)
    {
        var checks = services.AddHealthChecks();
        checks.AddCheck<BuildkiteCheck>("buildkite");
        checks.AddCheck<AccountsCheck>("accounts");
        checks.AddCheck<FenceCheck>("fence", tags: [HealthBoard.Exact]);
        checks.AddCheck<DiskCheck>("disk");
        checks.AddCheck<MemoryCheck>("memory");
        checks.AddCheck<AgentCheck>("agent");
        checks.AddCheck<SelfTestCheck>("selftest", tags: [HealthBoard.Exact]);
        checks.AddCheck<TeardownCheck>("teardown", tags: [HealthBoard.Exact]);
        checks.AddCheck<TrashCheck>("trash");
        checks.AddCheck<JournalCheck>("journal");
        checks.AddCheck<GrowthCheck>("growth");
        checks.AddCheck<RetireCheck>("retire", tags: [HealthBoard.Exact]);
        services.AddSingleton<FreeSpace>();
        services.AddSingleton<IRetireState, RetireState>();
        services.AddSingleton<HealthBoard>();
        services.AddHostedService(provider => provider.GetRequiredService<HealthBoard>());
        return services.Configure<HealthCheckServiceOptions>(options =>
        {
            foreach (var registration in options.Registrations)
            {
                registration.Period = Periods.TryGetValue(registration.Name, out var period) ? period : null;
            }
        });
    }
}
