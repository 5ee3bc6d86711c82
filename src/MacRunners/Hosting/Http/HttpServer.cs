using System.Net.Sockets;
using MacRunners.Hosting.Control;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace MacRunners.Hosting.Http;

/// <summary>The web server: as little of it as possible, since jobs can reach it.</summary>
internal static class HttpServer
{
    // From this machine, and as many from elsewhere.
    private const int MostConnections = 1024;
    private const int MostHeaderBytes = 8 * 1024;
    private const int MostHeaders = 50;
    private const int LongestRequestLine = 2 * 1024;
    private static readonly TimeSpan HeadersLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(10);

    /// <summary>Adds Kestrel on the bound sockets and the control socket, and what answers there.</summary>
    public static WebApplicationBuilder AddMacRunnersHttp(this WebApplicationBuilder builder, HttpSockets sockets, string controlPath)
    {
        builder.AddMacRunnersPages(sockets);
        builder.Services.AddOptions<SocketTransportOptions>().Configure<ControlSocket>((transport, control) =>
            transport.CreateBoundListenSocket = endPoint => endPoint is UnixDomainSocketEndPoint ? control.Bind() : sockets.Take(endPoint));
        builder.WebHost.ConfigureKestrel(server => server.ListenUnixSocket(controlPath, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            var control = listen.ApplicationServices.GetRequiredService<ControlSocket>();
            listen.Use(next => connection => control.ServeAsync(connection, next));
        }));
        builder.Services.AddSingleton<ControlSocket>();
        builder.Services.AddSingleton<ControlEndpoints>();
        builder.Services.AddSingleton<PlannedRestart>();
        return builder;
    }

    /// <summary>Adds Kestrel on the bound sockets, and the pages to read.</summary>
    public static WebApplicationBuilder AddMacRunnersPages(this WebApplicationBuilder builder, HttpSockets sockets)
    {
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = sockets.Take);
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.AllowSynchronousIO = false;
            var limits = server.Limits;
            limits.MaxConcurrentUpgradedConnections = 0;
            limits.MaxRequestBodySize = 0;
            limits.MaxRequestHeadersTotalSize = MostHeaderBytes;
            limits.MaxRequestHeaderCount = MostHeaders;
            limits.MaxRequestLineSize = LongestRequestLine;
            limits.RequestHeadersTimeout = HeadersLimit;
            limits.KeepAliveTimeout = IdleLimit;
            var cap = new ConnectionCap(MostConnections);
            foreach (var endPoint in sockets.EndPoints)
            {
                server.Listen(endPoint, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.Use(next => connection => cap.ServeAsync(connection, next));
                });
            }
        });
        builder.Services.AddSingleton<StatusView>();
        builder.Services.AddSingleton<MetricsText>();
        builder.Services.AddSingleton<StatusEndpoints>();
        return builder;
    }

    /// <summary>Answers requests: control for root, pages to read for everybody.</summary>
    public static void AnswerRequests(this WebApplication application)
    {
        var (pages, control) = (application.Services.GetRequiredService<StatusEndpoints>(), application.Services.GetRequiredService<ControlEndpoints>());
        application.Run(context => ControlSocket.Carries(context) ? control.AnswerAsync(context) : pages.AnswerAsync(context));
    }
}
