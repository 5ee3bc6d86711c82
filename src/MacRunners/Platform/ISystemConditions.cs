namespace MacRunners.Platform;

/// <summary>Settings of the operating system that decide whether jobs can run here, and how well; doctor asks.</summary>
internal interface ISystemConditions
{
    /// <summary>Looks at all of them; changes nothing. One that cannot be found out is a condition, too.</summary>
    Task<IReadOnlyList<SystemCondition>> LookAsync(CancellationToken cancellationToken);
}

/// <summary>One setting as it is.</summary>
/// <param name="What">What was found.</param>
/// <param name="Remedy">What to do about it; null when it is as it should be.</param>
/// <param name="IsFatal">No job can run, or none should.</param>
internal sealed record SystemCondition(string What, string? Remedy = null, bool IsFatal = false);
