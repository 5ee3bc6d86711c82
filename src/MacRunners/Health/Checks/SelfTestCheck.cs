using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health.Checks;

/// <summary>Has the machine shown that it can run jobs?</summary>
internal sealed class SelfTestCheck(ISelfTestState test) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(test.Problem is not { } problem ? Finding.Healthy($"passed at {test.PassedAt:u}")
            : test.IsPending ? Finding.Awaited(problem, "Wait: it takes some seconds. While another check is unhealthy it is not begun.")
            : Finding.Unhealthy(
                problem,
                "No job is taken until the self-test passes; it is repeated by itself, with pauses of 1 to 30 min. Remove the cause (the log says more), or recycle the machine."));
}
