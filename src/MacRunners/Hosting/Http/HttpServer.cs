using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MacRunners.Hosting.Http;

/// <summary>The web server: as little of it as possible, since jobs can reach it.</summary>
internal static class HttpServer
{
    private const int MostConnections = 128;
    private const int MostHeaderBytes = 8 * 1024;
    private const int MostHeaders = 50;
    private const int LongestRequestLine = 2 * 1024;
    private static readonly TimeSpan HeadersLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(10);

    /// <summary>Adds Kestrel on the bound sockets, and the pages.</summary>
    public static WebApplicationBuilder AddMacRunnersHttp(this WebApplicationBuilder builder, HttpSockets sockets)
    {
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseSockets(transport => transport.CreateBoundListenSocket = sockets.Take);
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.AllowSynchronousIO = false;
            var limits = server.Limits;
            limits.MaxConcurrentConnections = MostConnections;
            limits.MaxConcurrentUpgradedConnections = 0;
            limits.MaxRequestBodySize = 0;
            limits.MaxRequestHeadersTotalSize = MostHeaderBytes;
            limits.MaxRequestHeaderCount = MostHeaders;
            limits.MaxRequestLineSize = LongestRequestLine;
            limits.RequestHeadersTimeout = HeadersLimit;
            limits.KeepAliveTimeout = IdleLimit;
            foreach (var endPoint in sockets.EndPoints)
            {
                server.Listen(endPoint, listen => listen.Protocols = HttpProtocols.Http1);
            }
        });
        builder.Services.AddSingleton<StatusView>();
        builder.Services.AddSingleton<StatusEndpoints>();
        return builder;
    }
}
