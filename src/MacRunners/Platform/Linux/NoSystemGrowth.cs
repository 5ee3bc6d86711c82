namespace MacRunners.Platform.Linux;

/// <summary>Linux remembers nothing of an account that the teardown does not remove.</summary>
internal sealed class NoSystemGrowth : ISystemGrowth
{
    /// <inheritdoc/>
    public Task<SystemGrowth> LookAsync(string homes, CancellationToken cancellationToken) => Task.FromResult(new SystemGrowth(null, null, []));
}
