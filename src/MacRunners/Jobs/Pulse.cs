namespace MacRunners.Jobs;

/// <summary>The dispatcher's sign of life: at each it says when the next one is to be expected.</summary>
internal sealed class Pulse(TimeProvider time)
{
    private volatile Expectation? _expected;

    /// <summary>How long the next sign is overdue; zero or less while it is not, or while none is expected.</summary>
    public TimeSpan Overdue => _expected is { } expected ? time.GetElapsedTime(expected.Said) - expected.Within : TimeSpan.Zero;

    /// <summary>Gives a sign.</summary>
    /// <param name="within">When the next one comes at the latest; null for none.</param>
    public void Expect(TimeSpan? within) => _expected = within is { } known ? new Expectation(time.GetTimestamp(), known) : null;

    // A class, so that other threads see both values or neither.
    private sealed record Expectation(long Said, TimeSpan Within);
}
