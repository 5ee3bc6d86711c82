using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health;

/// <summary>Results of checks. Whatever is not healthy comes with a remedy.</summary>
internal static class Finding
{
    /// <summary>Key of the remedy in <see cref="HealthCheckResult.Data"/>.</summary>
    public const string Remedy = "remedy";

    /// <summary>All is well; the detail says how well.</summary>
    public static HealthCheckResult Healthy(string detail) => HealthCheckResult.Healthy(detail);

    /// <summary>The machine works on, but somebody should look.</summary>
    public static HealthCheckResult Degraded(string detail, string remedy) => HealthCheckResult.Degraded(detail, data: With(remedy));

    /// <summary>The machine cannot do its work.</summary>
    public static HealthCheckResult Unhealthy(string detail, string remedy) => HealthCheckResult.Unhealthy(detail, data: With(remedy));

    private static Dictionary<string, object> With(string remedy) => new() { [Remedy] = remedy };
}
