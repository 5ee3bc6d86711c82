using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health.Checks;

/// <summary>Does the journal reach the disk?</summary>
internal sealed class JournalCheck(IJournalStatus journal) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(journal.LastWriteError is { } error
            ? Finding.Unhealthy(error, "Check the volume of Paths:State (full, read-only, failing), then restart macrunners.")
            : Finding.Healthy("the latest entry reached the disk"));
}
