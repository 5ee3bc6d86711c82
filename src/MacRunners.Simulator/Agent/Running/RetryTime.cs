using System.Globalization;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>
/// The time retries wait in. The variable <see cref="Variable"/> (a factor such as <c>0.001</c>), which only the stub knows, shrinks
/// the agent's minutes of patience for tests; heartbeats, grace periods and log chunks keep real time. It never reaches the job.
/// </summary>
internal sealed class RetryTime(TimeProvider inner, double factor) : TimeProvider
{
    public const string Variable = "MACRUNNERS_STUB_AGENT_RETRY_FACTOR";

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => inner.LocalTimeZone;

    public static TimeProvider From(TimeProvider inner, string? factor) =>
        double.TryParse(factor, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0
            ? new RetryTime(inner, number)
            : inner;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, Scale(dueTime), Scale(period));

    private TimeSpan Scale(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? span : span * factor;
}
