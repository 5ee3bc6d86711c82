using MacRunners.Accounts;

namespace MacRunners.Health;

/// <inheritdoc/>
internal sealed class RetireState(JobAccounts accounts, GrowthWatch growth) : IRetireState
{
    /// <inheritdoc/>
    public string? Reason => accounts.Exhausted ?? growth.Problem;
}
