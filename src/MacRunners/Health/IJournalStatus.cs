namespace MacRunners.Health;

/// <summary>Whether the journal can be written. Never blocks.</summary>
internal interface IJournalStatus
{
    /// <summary>Why the latest write failed, for people; null when it reached the disk.</summary>
    string? LastWriteError { get; }
}
