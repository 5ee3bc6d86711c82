using MacRunners.Platform;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health.Checks;

/// <summary>Does the account directory answer?</summary>
internal sealed class AccountsCheck(IAccountDirectory directory) : IHealthCheck
{
    /// <summary>Starts programs, hence seldom.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var accounts = await directory.ListJobAccountsAsync(cancellationToken);
            return Finding.Healthy($"{accounts.Count} accounts and groups of jobs");
        }
        catch (Exception e) when (e is AccountDirectoryException or ToolException)
        {
            return Finding.Unhealthy(e.Message, "Check the directory service; on a Mac also Full Disk Access for macrunners. Else recycle the machine.");
        }
    }
}
