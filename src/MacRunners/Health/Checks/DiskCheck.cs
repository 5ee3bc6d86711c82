using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health.Checks;

/// <summary>Is there room for journal and homes?</summary>
internal sealed class DiskCheck(FreeSpace space) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var look = space.Look();
        return Task.FromResult(
            look.IsTooLittle ? Finding.Unhealthy(look.Detail, look.Remedy)
            : look.IsScarce ? Finding.Degraded(look.Detail, look.Remedy)
            : Finding.Healthy(look.Detail));
    }
}
