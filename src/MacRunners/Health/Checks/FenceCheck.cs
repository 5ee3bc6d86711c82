using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health.Checks;

/// <summary>Are jobs kept from what is not theirs in the network?</summary>
internal sealed class FenceCheck(IFenceState fence) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(fence.Problem is { } problem
            ? Finding.Unhealthy(problem, $"No job is taken until it stands; it is put up again by itself. {fence.Remedy}")
            : Finding.Healthy(fence.Detail));
}
