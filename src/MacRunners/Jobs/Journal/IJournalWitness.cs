namespace MacRunners.Jobs.Journal;

/// <summary>
/// Present when the journal is written: the two moments at which a crash must do no harm. Without one registered nobody watches;
/// a test's witness kills the daemon there.
/// </summary>
internal interface IJournalWitness
{
    /// <summary>Nothing of the entry is on disk yet.</summary>
    void Before(JournalEntry entry);

    /// <summary>The entry is on disk; what it announces has not begun.</summary>
    void After(JournalEntry entry);
}
