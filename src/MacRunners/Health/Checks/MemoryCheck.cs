using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MacRunners.Health.Checks;

/// <summary>Is there memory left? Never unhealthy: the shortage is most likely the running job's and ends with it.</summary>
internal sealed class MemoryCheck(IHostFigures host, IOptions<HealthOptions> health) : IHealthCheck
{
    private const long BytesPerMib = 1024 * 1024;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = host.Memory();
        var detail = $"{now.AvailableBytes / BytesPerMib} of {now.TotalBytes / BytesPerMib} MiB available";
        return Task.FromResult(now.AvailableBytes < health.Value.MinFreeMemoryBytes
            ? Finding.Degraded(detail, "Wait for the running job to end; if it stays so, recycle the machine.")
            : Finding.Healthy(detail));
    }
}
