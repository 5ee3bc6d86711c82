namespace MacRunners.Simulator.Agent.Running;

/// <summary>How often a call is tried and how long the agent waits in between.</summary>
/// <param name="Attempts">Tries in all.</param>
/// <param name="Delay">Wait after the n-th try, counted from 0.</param>
/// <param name="Limit">Time for all of it; null: none. Calls under a limit carry the remaining time as a header.</param>
internal sealed record RetryPlan(int Attempts, Func<int, TimeSpan> Delay, TimeSpan? Limit = null)
{
    private static readonly TimeSpan JitterLimit = TimeSpan.FromSeconds(1);

    public static RetryPlan Register { get; } = Constant(30, 10);

    public static RetryPlan Connect { get; } = Constant(10, 5);

    public static RetryPlan Heartbeat { get; } = Constant(10, 5);

    public static RetryPlan Disconnect { get; } = Constant(4, 1);

    public static RetryPlan Acquire { get; } = Constant(10, 3) with { Limit = TimeSpan.FromSeconds(270) };

    public static RetryPlan Start { get; } = new(7, n => TimeSpan.FromSeconds(Math.Pow(2, n)));

    public static RetryPlan HeaderTimes { get; } = Constant(10, 5);

    public static RetryPlan DataExists { get; } = Constant(10, 5);

    public static RetryPlan DataGet { get; } = Constant(10, 5);

    public static RetryPlan DataSet { get; } = new(10, Subsecond);

    /// <summary>Log chunks and the end of a job: nearly a day, cut off after two.</summary>
    public static RetryPlan Patient { get; } = new(20, n => Subsecond(n) + Random.Shared.NextDouble() * JitterLimit, TimeSpan.FromHours(48));

    private static RetryPlan Constant(int attempts, int seconds) => new(attempts, _ => TimeSpan.FromSeconds(seconds));

    /// <summary>2 s, 3 s, 5 s, 8 s, 13 s …: a growth of less than two.</summary>
    private static TimeSpan Subsecond(int attempt) => TimeSpan.FromMilliseconds(Math.Pow(2000, 1 + attempt / 16.0));
}
