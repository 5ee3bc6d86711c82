using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health.Checks;

/// <summary>Does the system remember too much of the accounts there were?</summary>
internal sealed class GrowthCheck(GrowthWatch growth) : IHealthCheck
{
    /// <summary>Starts a program, and nothing grows fast, hence seldom.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var conditions = await growth.LookAsync(cancellationToken);
        var wrong = conditions.Where(condition => condition.Remedy is not null).ToList();
        var detail = string.Join("; ", (wrong is [] ? conditions : wrong).Select(condition => condition.What));
        var remedy = string.Join(" ", wrong.Select(condition => condition.Remedy));
        return wrong is [] ? Finding.Healthy(detail is "" ? "nothing grows with the number of accounts" : detail)
            : wrong.Exists(condition => condition.IsFatal) ? Finding.Unhealthy(detail, $"No job is taken. {remedy}")
            : Finding.Degraded(detail, remedy);
    }
}
