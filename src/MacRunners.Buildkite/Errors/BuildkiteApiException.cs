using System.Net;

namespace MacRunners.Buildkite;

/// <summary>A call to Buildkite failed. The message is written for operators and holds no credential.</summary>
public sealed class BuildkiteApiException : Exception
{
    internal BuildkiteApiException(ApiErrorKind kind, ApiOperation operation, string message, Exception? cause = null)
        : base(message, cause)
    {
        Kind = kind;
        Operation = operation;
    }

    /// <summary>What sort of failure it was.</summary>
    public ApiErrorKind Kind { get; }

    /// <summary>What was being done.</summary>
    public ApiOperation Operation { get; }

    /// <summary>Status of the answer; null when there was none.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>How long to wait before the next try, as the service (or the open circuit breaker) asks; null when nothing was said.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    /// <summary>The service's own words, cropped, without control characters and credentials; null when it gave none.</summary>
    public string? ServerMessage { get; internal init; }

    /// <summary>The same request may succeed later without anybody changing anything.</summary>
    public bool IsTransient => Kind is ApiErrorKind.RateLimited or ApiErrorKind.Unavailable or ApiErrorKind.Network or ApiErrorKind.TimedOut;

    /// <summary>The service may have done what was asked although no answer says so.</summary>
    internal bool MayHaveReachedServer { get; init; }
}
