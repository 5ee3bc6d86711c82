namespace MacRunners.Health;

/// <summary>Whether the network fence stands around the jobs' accounts. Never blocks.</summary>
internal interface IFenceState
{
    /// <summary>Why it does not, for people; null when it does, or when none is wanted.</summary>
    string? Problem { get; }

    /// <summary>What stands, for people.</summary>
    string Detail { get; }

    /// <summary>What to do about <see cref="Problem"/>.</summary>
    string Remedy { get; }
}
