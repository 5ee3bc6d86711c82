using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health;

/// <summary>Results of checks. Whatever is not healthy comes with a remedy.</summary>
internal static class Finding
{
    /// <summary>Key of the remedy in <see cref="HealthCheckResult.Data"/>.</summary>
    public const string Remedy = "remedy";

    private const string Waiting = "waiting";

    /// <summary>All is well; the detail says how well.</summary>
    public static HealthCheckResult Healthy(string detail) => HealthCheckResult.Healthy(detail);

    /// <summary>The machine works on, but somebody should look.</summary>
    public static HealthCheckResult Degraded(string detail, string remedy) => HealthCheckResult.Degraded(detail, data: With(remedy));

    /// <summary>The machine cannot do its work.</summary>
    public static HealthCheckResult Unhealthy(string detail, string remedy) => HealthCheckResult.Unhealthy(detail, data: With(remedy));

    /// <summary>Degraded, but no fault: something that takes its time has not ended yet. Over as soon as it has.</summary>
    public static HealthCheckResult Awaited(string detail, string remedy) =>
        HealthCheckResult.Degraded(detail, data: new Dictionary<string, object> { [Remedy] = remedy, [Waiting] = true });

    /// <summary>Whether the result is one of <see cref="Awaited"/>.</summary>
    public static bool IsAwaited(HealthCheckResult result) => result.Data.ContainsKey(Waiting);

    private static Dictionary<string, object> With(string remedy) => new() { [Remedy] = remedy };
}
