using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health.Checks;

/// <summary>Is the machine clean?</summary>
internal sealed class TeardownCheck(IDirtyState dirty) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(dirty.Reason is not null
            ? Finding.Unhealthy(
                // No more than this: the reason names jobs and their files, and everybody can read this page.
                $"dirty since {dirty.Since:u}: something of an earlier job may still be here; the log and the job's report say what",
                "No job is taken. Remove the cause (`macrunners doctor` names it) and run `macrunners sweep`, which tears down again and proves it; or recycle the machine.")
            : Finding.Healthy("nothing of an earlier job is left"));
}
