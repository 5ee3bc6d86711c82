using MacRunners.Teardown;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health.Checks;

/// <summary>Does what earlier jobs left go?</summary>
internal sealed class TrashCheck(TrashBacklog backlog) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var look = backlog.Look();
        return Task.FromResult(
            look.IsTooMuch ? Finding.Unhealthy(look.Detail, look.Remedy)
            : look.Stuck > 0 ? Finding.Degraded($"{look.Stuck} entries of the trash could not be removed, which is tried again; the log says which", StuckTrash.Remedy + ".")
            : Finding.Healthy("nothing resists in the trash"));
    }
}
