using MacRunners.Accounts;

namespace MacRunners.Health;

/// <inheritdoc/>
internal sealed class RetireState(JobAccounts accounts) : IRetireState
{
    /// <inheritdoc/>
    public string? Reason => accounts.IsExhausted ? "every number of Accounts:UidMin..UidMax was used since the machine started" : null;
}
