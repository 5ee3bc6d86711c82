using MacRunners.Agent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health.Checks;

/// <summary>Is there a <c>buildkite-agent</c> this daemon can drive?</summary>
internal sealed class AgentCheck(AgentBinary agent) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return Finding.Healthy($"{agent.Path}, version {await agent.GetVersionAsync(cancellationToken)}");
        }
        catch (AgentUnusableException e)
        {
            return Finding.Unhealthy(e.Message, $"Install buildkite-agent {AgentVersion.Oldest} or later, or correct Agent:Path.");
        }
    }
}
