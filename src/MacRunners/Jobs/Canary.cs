using MacRunners.Accounts;
using MacRunners.Agent;
using MacRunners.Platform;
using MacRunners.Teardown;
using MacRunners.Telemetry;

namespace MacRunners.Jobs;

/// <summary>
/// A job of our own making: an account, the agent's <c>--version</c> in it, started in the same way as for a job, then the whole
/// teardown with its proof. What goes wrong here would go wrong with the next job too.
/// </summary>
/// <remarks>Journaled like a job, but never as reserved: after a crash it is torn down, and nobody asks Buildkite about it.</remarks>
internal sealed class Canary(
    Readiness readiness, JobAccounts accounts, AgentLauncher launcher, JobTeardown teardown) : ICanary
{
    /// <inheritdoc/>
    public async Task<CanaryEnd?> RunAsync(CancellationToken cancellationToken)
    {
        if (await readiness.WhyNotAsync(cancellationToken) is not null)
        {
            return null;
        }

        var life = new JobLife(Guid.NewGuid());
        string? failure = null;
        try
        {
            await accounts.CreateAsync(life, cancellationToken);
            failure = await launcher.TryVersionAsync(life.Job, life.Account!, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Torn down like any other.
        }
        catch (Exception e) when (e is AccountDirectoryException or AgentUnusableException or ToolException or IOException)
        {
            failure = e.Message;
        }

        var report = await teardown.RunAsync(life, _ => { }, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        return !report.IsClean ? new CanaryEnd(SelfTestResult.Dirty, $"its account could not be proven gone: {string.Join("; ", report.Remaining)}")
            : failure is not null ? new CanaryEnd(SelfTestResult.Failed, failure)
            : new CanaryEnd(SelfTestResult.Passed);
    }
}
