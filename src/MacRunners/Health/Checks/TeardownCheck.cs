using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health.Checks;

/// <summary>Is the machine clean?</summary>
internal sealed class TeardownCheck(IDirtyState dirty) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(dirty.Reason is { } reason
            ? Finding.Unhealthy(
                $"dirty since {dirty.Since:u}: {reason}",
                "No job is taken. Remove the cause and restart macrunners, which tears down again and proves it; or recycle the machine.")
            : Finding.Healthy("nothing of an earlier job is left"));
}
