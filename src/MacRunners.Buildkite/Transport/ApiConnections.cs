using System.Net;

namespace MacRunners.Buildkite;

/// <summary>Connections to the service as production needs them.</summary>
internal static class ApiConnections
{
    /// <summary>Makes a pool of connections.</summary>
    public static SocketsHttpHandler Create() => new()
    {
        // The Authorization header must reach nobody but the endpoint that was configured.
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate | DecompressionMethods.Brotli,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        // A daemon runs for months: without an end to connections it would never notice that the name points elsewhere.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // Our own traces are nobody else's business.
        ActivityHeadersPropagator = null,
    };
}
