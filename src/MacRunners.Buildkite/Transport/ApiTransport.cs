using System.Text.Json.Serialization.Metadata;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace MacRunners.Buildkite;

/// <summary>
/// Everything between a typed call and the wire. From the outside in:
/// <list type="number">
/// <item>retry: repeats what may pass by itself, with waits the service may dictate;</item>
/// <item>rate limit gate: waits while the service wants no calls of this kind;</item>
/// <item>token: read anew for each attempt;</item>
/// <item>circuit breaker: one for the endpoint, fails at once while the service is down;</item>
/// <item>attempt: one request, one answer, one time limit, one report to the observer.</item>
/// </list>
/// A wait longer than a call may take is not waited for, but handed to the caller.
/// </summary>
internal sealed class ApiTransport : IDisposable
{
    private static readonly TimeSpan HastyTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HastyDelay = TimeSpan.FromSeconds(0.5);
    private const int HastyAttempts = 2;
    private const double BreakerFailureRatio = 0.9;

    private readonly BuildkiteClientOptions _options;
    private readonly IAgentTokenSource _tokens;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;
    private readonly ApiFailure _failure;
    private readonly RateLimitGate _gate;
    private readonly HttpAttempt _attempt;
    private readonly ResiliencePipeline _breaker;
    private readonly ResiliencePipeline _retried;
    private readonly ResiliencePipeline _hasty;

    public ApiTransport(
        BuildkiteClientOptions options, IAgentTokenSource tokens, HttpMessageHandler handler, bool ownsHandler, TimeProvider time,
        IApiObserver? observer, Func<double> jitter)
    {
        _options = options;
        _tokens = tokens;
        _time = time;
        _client = new HttpClient(handler, ownsHandler)
        {
            // The attempt has a limit of its own, on the injected clock.
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = options.MaxResponseBytes,
        };
        _failure = new ApiFailure(options.Endpoint);
        _gate = new RateLimitGate(time);
        _attempt = new HttpAttempt(_client, options, _failure, _gate, time, observer);
        _breaker = Breaker();
        _retried = Retry(options.MaxAttempts, options.RetryBaseDelay, options.MaxRetryDelay, jitter);
        _hasty = Retry(HastyAttempts, Shorter(HastyDelay, options.RetryBaseDelay), LongestWait(CallPolicy.Hasty), jitter);
    }

    /// <summary>Makes a call and reads its answer.</summary>
    public async Task<T> SendAsync<T>(ApiRequest request, JsonTypeInfo<T> answer, CancellationToken cancellation)
        where T : class =>
        await CallAsync(request, answer, cancellation) ?? throw Malformed(request.Operation, "the answer is empty");

    /// <summary>Makes a call whose answer has no content that matters.</summary>
    public async Task SendAsync(ApiRequest request, CancellationToken cancellation) =>
        await CallAsync<object>(request, null, cancellation);

    /// <summary>An answer that is JSON of the right shape, yet makes no sense.</summary>
    public BuildkiteApiException Malformed(ApiOperation operation, string what) => _failure.Malformed(operation, null, what);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<T?> CallAsync<T>(ApiRequest request, JsonTypeInfo<T>? answer, CancellationToken cancellation)
    {
        var pipeline = request.Policy switch
        {
            CallPolicy.Once => ResiliencePipeline.Empty,
            CallPolicy.Hasty => _hasty,
            _ => _retried,
        };
        var earlierMayHaveArrived = false;
        return await pipeline.ExecuteAsync(
            async stop =>
            {
                try
                {
                    return await TryAsync(request, answer, stop);
                }
                catch (BuildkiteApiException e) when (earlierMayHaveArrived && e.StatusCode is { } status && status == request.DoneBefore)
                {
                    return default;
                }
                catch (BuildkiteApiException e)
                {
                    earlierMayHaveArrived |= e.MayHaveReachedServer;
                    throw;
                }
            },
            cancellation);
    }

    private async Task<T?> TryAsync<T>(ApiRequest request, JsonTypeInfo<T>? answer, CancellationToken cancellation)
    {
        await PassGateAsync(request, cancellation);
        var token = await _tokens.GetTokenAsync(cancellation);
        if (token.Length == 0 || token.Any(c => c is <= ' ' or > '~'))
        {
            throw ApiFailure.NoToken(request.Operation);
        }

        var limit = request.Policy == CallPolicy.Hasty ? Shorter(HastyTimeout, _options.RequestTimeout) : _options.RequestTimeout;
        try
        {
            return await _breaker.ExecuteAsync(async stop => await _attempt.SendAsync(request, token, answer, limit, stop), cancellation);
        }
        catch (BrokenCircuitException e)
        {
            throw _failure.BreakerOpen(request.Operation, e.RetryAfter, e);
        }
    }

    private async Task PassGateAsync(ApiRequest request, CancellationToken cancellation)
    {
        // Asked again after the wait: another call may have closed the gate meanwhile.
        while (_gate.WaitFor(request.Operation) is var wait && wait > TimeSpan.Zero)
        {
            if (wait > LongestWait(request.Policy))
            {
                throw _failure.Closed(request.Operation, wait);
            }

            await Task.Delay(wait, _time, cancellation);
        }
    }

    private TimeSpan LongestWait(CallPolicy policy) =>
        policy == CallPolicy.Hasty ? Shorter(HastyTimeout, _options.MaxRetryDelay) : _options.MaxRetryDelay;

    private ResiliencePipeline Retry(int attempts, TimeSpan baseDelay, TimeSpan longest, Func<double> jitter)
    {
        if (attempts == 1)
        {
            return ResiliencePipeline.Empty;
        }

        return new ResiliencePipelineBuilder { TimeProvider = _time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = attempts - 1,
                ShouldHandle = args => ValueTask.FromResult(
                    args.Outcome.Exception is BuildkiteApiException { IsTransient: true } e && (e.RetryAfter ?? TimeSpan.Zero) <= longest),
                DelayGenerator = args =>
                {
                    var asked = (args.Outcome.Exception as BuildkiteApiException)?.RetryAfter;
                    var wait = asked ?? Shorter(baseDelay * Math.Pow(2, args.AttemptNumber), longest);
                    return ValueTask.FromResult<TimeSpan?>(wait + (baseDelay * jitter()));
                },
            })
            .Build();
    }

    private ResiliencePipeline Breaker() =>
        new ResiliencePipelineBuilder { TimeProvider = _time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = BreakerFailureRatio,
                MinimumThroughput = _options.BreakerMinimumAttempts,
                SamplingDuration = _options.BreakerWindow,
                BreakDuration = _options.BreakerDuration,
                ShouldHandle = args => ValueTask.FromResult(
                    args.Outcome.Exception is BuildkiteApiException
                    {
                        Kind: ApiErrorKind.Unavailable or ApiErrorKind.Network or ApiErrorKind.TimedOut,
                    }),
            })
            .Build();

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
