using System.Globalization;
using MacRunners.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MacRunners.Health.Checks;

/// <summary>Is there room for journal and homes?</summary>
internal sealed class DiskCheck(IOptions<PathsOptions> paths, IOptions<HealthOptions> health) : IHealthCheck
{
    private const string Remedy = "Free space or enlarge the volume; look into the trash under Paths:State. Else recycle the machine.";

    private const double BytesPerGib = 1024.0 * 1024 * 1024;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        var least = health.Value.MinFreeBytes;
        var (state, homes) = (Free(paths.Value.State), Free(paths.Value.Homes));
        var detail = $"free: {Gib(state)} GiB under {paths.Value.State}, {Gib(homes)} GiB under {paths.Value.Homes}; required: {Gib(least)} GiB";
        var free = Math.Min(state, homes);
        return free < least ? Finding.Unhealthy(detail, Remedy)
            : free / 2 < least ? Finding.Degraded(detail, Remedy)
            : Finding.Healthy(detail);
    }

    private static long Free(string path) => new DriveInfo(path).AvailableFreeSpace;

    private static string Gib(long bytes) => (bytes / BytesPerGib).ToString("0.0", CultureInfo.InvariantCulture);
}
