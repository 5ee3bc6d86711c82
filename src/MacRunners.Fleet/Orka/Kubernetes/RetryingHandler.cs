using System.Net;
using Polly;
using Polly.Retry;

namespace MacRunners.Fleet.Orka.Kubernetes;

/// <summary>
/// Repeats calls that met a busy or stumbling server: 429 after the time it names, 500 to 504 and lost connections after a growing wait.
/// Creating is repeated as well: names are the caller's own, so a second creation shows as 409 and is recognised.
/// </summary>
internal sealed class RetryingHandler : DelegatingHandler
{
    private const int Attempts = 4;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;

    /// <summary>A handler.</summary>
    /// <param name="time">The clock of the waits.</param>
    /// <param name="firstWait">Wait after the first failure; it doubles.</param>
    public RetryingHandler(TimeProvider time, TimeSpan firstWait) => _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = Attempts,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = firstWait,
            MaxDelay = LongestWait,
            ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>().HandleResult(IsPassing),
            OnRetry = arguments =>
            {
                // Nobody else will: it holds a connection.
                arguments.Outcome.Result?.Dispose();
                return ValueTask.CompletedTask;
            },
            DelayGenerator = arguments => ValueTask.FromResult(Advice(arguments.Outcome.Result, time)),
        })
        .Build();

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            // A body that has been sent once is sent again from memory.
            await content.LoadIntoBufferAsync(cancellationToken);
        }

        return await _pipeline.ExecuteAsync(async cancellation => await base.SendAsync(request, cancellation), cancellationToken);
    }

    private static bool IsPassing(HttpResponseMessage response) => response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static TimeSpan? Advice(HttpResponseMessage? response, TimeProvider time)
    {
        var advice = response?.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - time.GetUtcNow() : null;
        return advice is not { } wait ? null : wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait;
    }
}
