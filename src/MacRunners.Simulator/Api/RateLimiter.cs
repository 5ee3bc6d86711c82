namespace MacRunners.Simulator.Api;

/// <summary>Counts calls in windows that slide over one second, one window per route and stack.</summary>
internal sealed class RateLimiter(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Route, string Stack), Queue<long>> _windows = [];

    /// <summary>Counts a call, unless the window is full. Refused calls do not count.</summary>
    public RateDecision Take(string route, string stack, int limit)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (!_windows.TryGetValue((route, stack), out var calls))
            {
                _windows.Add((route, stack), calls = new Queue<long>());
            }

            while (calls.TryPeek(out var oldest) && time.GetElapsedTime(oldest, now) >= Window)
            {
                calls.Dequeue();
            }

            var allowed = calls.Count < limit;
            if (allowed)
            {
                calls.Enqueue(now);
            }

            var reset = Window - time.GetElapsedTime(calls.Peek(), now);
            var current = allowed ? calls.Count : calls.Count + 1;
            return new RateDecision(allowed, current, Math.Max(0, limit - current), (int)Math.Ceiling(reset.TotalSeconds));
        }
    }
}

/// <summary>Whether a call may pass, the number of calls in the window with it, what remains, and the seconds until the window has room.</summary>
internal readonly record struct RateDecision(bool Allowed, int Current, int Remaining, int ResetSeconds);
