using MacRunners.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Telemetry;

/// <summary>The checks of <c>/health</c> as metrics, for alerts that name the check.</summary>
internal sealed class HealthGauges
{
    /// <summary>Adds the family to the daemon's registry.</summary>
    public HealthGauges(DaemonMetrics metrics, HealthBoard board)
    {
        var status = metrics.Families.CreateGauge(
            "macrunners_check_status", "1 for the status that a check of /health shows (healthy, degraded, unhealthy), 0 for the others.", "check", "status");
        metrics.Registry.AddBeforeCollectCallback(() =>
        {
            foreach (var check in board.Checks)
            {
                foreach (var possible in Enum.GetValues<HealthStatus>())
                {
                    status.WithLabels(check.Name, MetricLabel<HealthStatus>.Of(possible)).Set(check.Status == possible ? 1 : 0);
                }
            }
        });
    }
}
