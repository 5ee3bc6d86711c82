namespace MacRunners.Platform;

/// <summary>What the system remembers of accounts after their end, so that it grows with their number although each single one is torn down.</summary>
internal interface ISystemGrowth
{
    /// <summary>Looks; changes nothing. What cannot be found out is told, and spoils nothing else.</summary>
    /// <param name="homes">Folder of the jobs' homes.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    Task<SystemGrowth> LookAsync(string homes, CancellationToken cancellationToken);
}

/// <summary>What was found.</summary>
/// <param name="BackgroundTaskBytes">Size of the database of background tasks; null where there is no such thing, or it is not known.</param>
/// <param name="IndexesHomes">Whether names and texts of job files go into an index that outlives them; null as above.</param>
/// <param name="Unknown">What could not be found out, and why.</param>
internal sealed record SystemGrowth(long? BackgroundTaskBytes, bool? IndexesHomes, IReadOnlyList<string> Unknown);
