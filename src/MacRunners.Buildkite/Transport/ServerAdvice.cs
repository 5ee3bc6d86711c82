using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace MacRunners.Buildkite;

/// <summary>What the headers of an answer say about when to come again.</summary>
/// <param name="RetryAfter">Wait asked for; null when none.</param>
/// <param name="Closed">How long the service wants no further call of the kind, whoever makes it; null while it takes one.</param>
internal sealed record ServerAdvice(TimeSpan? RetryAfter, TimeSpan? Closed)
{
    // Nobody means more than a day; beyond that it is a mistake or a date in milliseconds, and would overflow timers.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Reads the headers.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="now">Wall clock, for waits given as a date.</param>
    public static ServerAdvice From(HttpResponseMessage response, DateTimeOffset now)
    {
        var retryAfter = Header(response, "Retry-After") is { } value ? Seconds(value) ?? Until(value, now) : null;
        var reset = Header(response, "RateLimit-Reset") is { } seconds ? Seconds(seconds) : null;
        var limited = response.StatusCode == HttpStatusCode.TooManyRequests;
        var none = Header(response, "RateLimit-Remaining") is { } remaining && Seconds(remaining) == TimeSpan.Zero;
        var wait = retryAfter ?? (limited ? reset : null);
        return new ServerAdvice(wait, wait ?? (none ? reset : null));
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString().Trim() : null;

    private static TimeSpan? Seconds(string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, Longest.TotalSeconds))
            : null;

    private static TimeSpan? Until(string value, DateTimeOffset now)
    {
        if (!RetryConditionHeaderValue.TryParse(value, out var parsed) || parsed.Date is not { } date)
        {
            return null;
        }

        var wait = date - now;
        return wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < Longest ? wait : Longest;
    }
}
