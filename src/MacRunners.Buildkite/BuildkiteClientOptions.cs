using System.Reflection;

namespace MacRunners.Buildkite;

/// <summary>Settings of the clients of Buildkite's agent API.</summary>
public sealed class BuildkiteClientOptions
{
    private static readonly TimeSpan ShortestBreakerTime = TimeSpan.FromSeconds(0.5);

    /// <summary>Base address; plain http is accepted for loopback addresses only, since every request carries the token.</summary>
    public Uri Endpoint { get; init; } = new("https://agent.buildkite.com/v3");

    /// <summary>Time limit of one attempt, from sending to the last byte of the answer. Default 30 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Attempts for calls that are retried, 1–10. Default 5.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Wait before the second attempt; doubles with each one, plus a random part of up to this much. Default 1 s.</summary>
    public TimeSpan RetryBaseDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest wait inside a call. If the service asks for a longer one, the call fails at once and says so in
    /// <see cref="BuildkiteApiException.RetryAfter"/>. Default 60 s.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Least number of attempts within <see cref="BreakerWindow"/> before the circuit breaker may open, 2 or more. Default 10.</summary>
    public int BreakerMinimumAttempts { get; init; } = 10;

    /// <summary>Over how long the breaker looks back. Default 30 s.</summary>
    public TimeSpan BreakerWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the breaker stays open before one attempt may probe the service. Default 15 s.</summary>
    public TimeSpan BreakerDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Largest answer that is read, in bytes after decompression. Default 16 MiB.</summary>
    public int MaxResponseBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Value of the User-Agent header. Default <c>macrunners/&lt;version&gt;</c>.</summary>
    public string UserAgent { get; init; } = $"macrunners/{Version()}";

    /// <summary>Refuses values that would leak the token or make the waits meaningless.</summary>
    internal void Validate()
    {
        if (!Endpoint.IsAbsoluteUri || Endpoint.Query.Length > 0 || Endpoint.Fragment.Length > 0 || Endpoint.UserInfo.Length > 0
            || (Endpoint.Scheme != Uri.UriSchemeHttps && !(Endpoint.Scheme == Uri.UriSchemeHttp && Endpoint.IsLoopback)))
        {
            throw new ArgumentException(
                "The endpoint must be an https address without user, query and fragment; plain http is for loopback addresses only.");
        }

        Range(nameof(RequestTimeout), RequestTimeout > TimeSpan.Zero && RequestTimeout <= TimeSpan.FromHours(1));
        Range(nameof(MaxAttempts), MaxAttempts is >= 1 and <= 10);
        Range(nameof(RetryBaseDelay), RetryBaseDelay > TimeSpan.Zero && RetryBaseDelay <= MaxRetryDelay);
        Range(nameof(MaxRetryDelay), MaxRetryDelay <= TimeSpan.FromHours(1));
        Range(nameof(BreakerMinimumAttempts), BreakerMinimumAttempts >= 2);
        Range(nameof(BreakerWindow), BreakerWindow >= ShortestBreakerTime && BreakerWindow <= TimeSpan.FromHours(1));
        Range(nameof(BreakerDuration), BreakerDuration >= ShortestBreakerTime && BreakerDuration <= TimeSpan.FromHours(1));
        Range(nameof(MaxResponseBytes), MaxResponseBytes > 0);

        static void Range(string name, bool good)
        {
            if (!good)
            {
                throw new ArgumentException($"{name} is out of its range.", name);
            }
        }
    }

    private static string Version()
    {
        var assembly = typeof(BuildkiteClientOptions).Assembly;
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        // What follows the plus is the commit: of no use to the service.
        return version.Split('+')[0];
    }
}
