namespace MacRunners.Buildkite;

/// <summary>
/// Remembers which rate limits are used up, so that the next call under one waits for it to open again instead of earning a 429. Which
/// limit an operation counts towards is learnt from the answers.
/// </summary>
internal sealed class RateLimitGate(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ApiOperation, string> _scopes = [];
    private readonly Dictionary<string, DateTimeOffset> _closedUntil = [];

    /// <summary>How long the operation must still wait; zero when it need not.</summary>
    public TimeSpan WaitFor(ApiOperation operation)
    {
        lock (_lock)
        {
            if (!_closedUntil.TryGetValue(ScopeOf(operation), out var until))
            {
                return TimeSpan.Zero;
            }

            var wait = until - time.GetUtcNow();
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    /// <summary>Takes note of what an answer said. An answer that leaves room does not open a gate that an earlier one closed.</summary>
    public void Learn(ApiOperation operation, ServerAdvice advice)
    {
        lock (_lock)
        {
            if (advice.Scope is { } scope)
            {
                _scopes[operation] = scope;
            }

            if (advice.UsedUp is { } wait)
            {
                _closedUntil[ScopeOf(operation)] = time.GetUtcNow() + wait;
            }
        }
    }

    private string ScopeOf(ApiOperation operation) => _scopes.GetValueOrDefault(operation) ?? operation.Label();
}
