using System.Net;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Faults;
using MacRunners.Simulator.Requests;
using MacRunners.Simulator.Serve;
using MacRunners.Simulator.State;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace MacRunners.Simulator.Orka;

/// <summary>A running simulated Orka: its own API below <c>/api/v1</c>, Kubernetes below <c>/apis</c>, the control surface below <c>/sim</c>.</summary>
internal sealed class OrkaServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OrkaServer(WebApplication app, Uri address, OrkaCluster cluster, FaultList faults, RequestJournal requests)
    {
        _app = app;
        Address = address;
        Cluster = cluster;
        Faults = faults;
        Requests = requests;
    }

    public Uri Address { get; }

    public OrkaCluster Cluster { get; }

    public FaultList Faults { get; }

    public RequestJournal Requests { get; }

    /// <summary>Starts listening.</summary>
    public static async Task<OrkaServer> StartAsync(OrkaOptions options, TimeProvider time, CancellationToken cancellation = default)
    {
        if (!IPAddress.IsLoopback(options.Listen.Address))
        {
            throw new ArgumentException($"{options.Listen} can be reached from other machines, and the control surface asks for no credentials. Listen on 127.0.0.1 or [::1].");
        }

        if (string.IsNullOrWhiteSpace(options.Token) || options.Nodes < 1)
        {
            throw new ArgumentException("A token and at least one node are needed.");
        }

        var cluster = new OrkaCluster(options, time);
        var faults = new FaultList();
        var requests = new RequestJournal();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(options.Listen));
        var app = builder.Build();
        app.Use(next => context => new RequestJournalMiddleware(requests, time).InvokeAsync(context, next));
        app.Use(next => context => RefuseAsKubernetesAsync(context, next));
        app.Use(next => context => new FaultMiddleware(faults, time).InvokeAsync(context, next));
        app.Use(next => context => AuthorizeAsync(context, next, options.Token));
        new OrkaApiRoutes(cluster).Map(app);
        new KubernetesRoutes(cluster).Map(app);
        new OrkaControlRoutes(cluster, faults, requests).Map(app);
        await app.StartAsync(cancellation);
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new OrkaServer(app, new Uri(bound), cluster, faults, requests);
    }

    public async ValueTask DisposeAsync()
    {
        // Watches end with the cluster's clients, not before: they are cut.
        Cluster.Dispose();
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }

    private static async Task AuthorizeAsync(HttpContext context, RequestDelegate next, string token)
    {
        var isOpen = context.Request.Path.StartsWithSegments("/sim") || context.Request.Path == "/api/v1/cluster-info";
        if (!isOpen && context.Request.Headers.Authorization != $"Bearer {token}")
        {
            throw RefusedException.Unauthorized("Unauthorized");
        }

        await next(context);
    }

    private static async Task RefuseAsKubernetesAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (RefusedException refused)
        {
            await JsonAnswer.WriteAsync(context, Status(refused.Status, refused.Message), refused.Status);
            return;
        }

        if (context.Response.StatusCode is StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed && !context.Response.HasStarted)
        {
            await JsonAnswer.WriteAsync(
                context, Status(StatusCodes.Status404NotFound, $"No route {context.Request.Method} {context.Request.Path}"), StatusCodes.Status404NotFound);
        }
    }

    private static JsonObject Status(int code, string message) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = code switch { 401 => "Unauthorized", 404 => "NotFound", 409 => "AlreadyExists", 422 => "Invalid", _ => "BadRequest" },
        ["code"] = code,
    };
}
