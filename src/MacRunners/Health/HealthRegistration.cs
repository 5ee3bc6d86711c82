using MacRunners.Health.Checks;

namespace MacRunners.Health;

/// <summary>Puts the checks together.</summary>
internal static class HealthRegistration
{
    /// <summary>Adds all checks and the board that runs them.</summary>
    public static IServiceCollection AddMacRunnersHealth(this IServiceCollection services)
    {
        var checks = services.AddHealthChecks();
        checks.AddCheck<BuildkiteCheck>("buildkite");
        checks.AddCheck<AccountsCheck>("accounts");
        checks.AddCheck<DiskCheck>("disk");
        checks.AddCheck<MemoryCheck>("memory");
        checks.AddCheck<AgentCheck>("agent");
        checks.AddCheck<TeardownCheck>("teardown");
        checks.AddCheck<JournalCheck>("journal");
        checks.AddCheck<RetireCheck>("retire");
        services.AddSingleton<HealthBoard>();
        services.AddHostedService(provider => provider.GetRequiredService<HealthBoard>());
        return services.Configure<Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckServiceOptions>(options =>
            options.Registrations.Single(registration => registration.Name == "accounts").Period = AccountsCheck.Period);
    }
}
