using System.Globalization;
using System.Net;

namespace MacRunners.Buildkite;

/// <summary>One finished attempt at a call; retries of the same call are attempts of their own.</summary>
/// <param name="Operation">What was being done.</param>
/// <param name="StatusCode">Status of the answer; null when there was none.</param>
/// <param name="Failure">Kind of failure; null when the attempt succeeded.</param>
/// <param name="Elapsed">From sending to the last byte of the answer.</param>
public readonly record struct ApiAttempt(ApiOperation Operation, HttpStatusCode? StatusCode, ApiErrorKind? Failure, TimeSpan Elapsed)
{
    /// <summary>
    /// The outcome as a metric label: the status (<c>200</c>), or <c>network</c>, <c>timed_out</c>, <c>malformed</c>. Bounded by what
    /// the service can answer.
    /// </summary>
    public string Outcome => Failure switch
    {
        ApiErrorKind.Network => "network",
        ApiErrorKind.TimedOut => "timed_out",
        ApiErrorKind.Malformed => "malformed",
        _ => ((int?)StatusCode)?.ToString(CultureInfo.InvariantCulture) ?? "none",
    };
}
