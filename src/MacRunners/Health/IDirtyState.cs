namespace MacRunners.Health;

/// <summary>Whether something of an earlier job may still be on the machine. Never blocks.</summary>
internal interface IDirtyState
{
    /// <summary>What the proof found, for people; null when the machine is clean.</summary>
    string? Reason { get; }

    /// <summary>When it became dirty; null when clean.</summary>
    DateTimeOffset? Since { get; }
}
