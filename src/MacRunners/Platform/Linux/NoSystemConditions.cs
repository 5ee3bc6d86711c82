namespace MacRunners.Platform.Linux;

/// <summary>Linux has no setting of this kind that the other examinations do not see.</summary>
internal sealed class NoSystemConditions : ISystemConditions
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<SystemCondition>> LookAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SystemCondition>>([]);
}
