using MacRunners.Accounts;

namespace MacRunners.Health;

/// <inheritdoc/>
internal sealed class RetireState(JobAccounts accounts) : IRetireState
{
    /// <inheritdoc/>
    public string? Reason => accounts.Exhausted;
}
