using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health.Checks;

/// <summary>Has the machine served its time?</summary>
internal sealed class RetireCheck(IRetireState retire) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(retire.Reason is { } reason
            ? Finding.Degraded($"retire: {reason}", "Replace or restart the machine.")
            : Finding.Healthy("no limit reached"));
}
