using System.Collections.Concurrent;

namespace MacRunners.Buildkite;

/// <summary>
/// Remembers which rate limits are used up and which calls the service wants no more of for a while, so that the next call of the kind
/// waits, whoever makes it, instead of being refused again. The service counts each endpoint on its own, and an operation is an endpoint.
/// </summary>
internal sealed class RateLimitGate(TimeProvider time)
{
    private readonly ConcurrentDictionary<ApiOperation, DateTimeOffset> _closedUntil = [];

    /// <summary>How long the operation must still wait; zero when it need not.</summary>
    public TimeSpan WaitFor(ApiOperation operation)
    {
        var wait = _closedUntil.TryGetValue(operation, out var until) ? until - time.GetUtcNow() : TimeSpan.Zero;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>Takes note of what an answer said. An answer that leaves room does not open a gate that an earlier one closed.</summary>
    public void Learn(ApiOperation operation, ServerAdvice advice)
    {
        if (advice.Closed is { } wait)
        {
            _closedUntil[operation] = time.GetUtcNow() + wait;
        }
    }
}
