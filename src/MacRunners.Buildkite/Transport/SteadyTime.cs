namespace MacRunners.Buildkite;

/// <summary>
/// The time of day as it would be if nobody had set the clock since this was made: for what reckons "not before then". On the real one,
/// a clock set back by a day would make it wait for a day.
/// </summary>
internal sealed class SteadyTime(TimeProvider time) : TimeProvider
{
    private readonly DateTimeOffset _madeAt = time.GetUtcNow();
    private readonly long _made = time.GetTimestamp();

    /// <inheritdoc/>
    public override long TimestampFrequency => time.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _madeAt + time.GetElapsedTime(_made);

    /// <inheritdoc/>
    public override long GetTimestamp() => time.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
