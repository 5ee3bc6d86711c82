using System.Net;
using MacRunners.Simulator.Api;
using MacRunners.Simulator.Faults;
using MacRunners.Simulator.Git;
using MacRunners.Simulator.Requests;
using MacRunners.Simulator.State;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace MacRunners.Simulator.Serve;

/// <summary>A running local Buildkite. Tests host it in their own process and may look at its state directly.</summary>
internal sealed class SimulatorServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatorServer(WebApplication app, Uri address, Cluster cluster, FaultList faults, RequestJournal requests)
    {
        _app = app;
        Address = address;
        Cluster = cluster;
        Faults = faults;
        Requests = requests;
    }

    /// <summary>Root address; the control surface is below <c>/sim</c>, repositories below <c>/git</c>.</summary>
    public Uri Address { get; }

    /// <summary>What daemons and agents take as their endpoint.</summary>
    public Uri Endpoint => new(Address, "v3");

    public Cluster Cluster { get; }

    public FaultList Faults { get; }

    public RequestJournal Requests { get; }

    /// <summary>Starts listening.</summary>
    public static async Task<SimulatorServer> StartAsync(SimulatorOptions options, TimeProvider time, CancellationToken cancellation = default)
    {
        Check(options);
        if (options is { DemoRepository: true, Repositories: { } folder } && !Directory.Exists(Path.Combine(folder, Git.DemoRepository.Name)))
        {
            await Git.DemoRepository.CreateAsync(folder, cancellation);
        }

        var cluster = new Cluster(options, time);
        var faults = new FaultList();
        var requests = new RequestJournal();
        var app = Build(options);
        app.Use(next => context => new RequestJournalMiddleware(requests, time).InvokeAsync(context, next));
        app.Use(next => context => RefusalMiddleware.InvokeAsync(context, next));
        app.Use(next => context => new FaultMiddleware(faults, time).InvokeAsync(context, next));
        new StacksRoutes(cluster, new RateLimiter(time), faults, options).Map(app);
        new AgentRoutes(cluster).Map(app);
        new JobRoutes(cluster, options).Map(app);
        new JobDataRoutes(cluster).Map(app);
        new ControlRoutes(cluster, faults, requests).Map(app);
        if (options.Repositories is { } repositories)
        {
            new GitRoutes(Path.GetFullPath(repositories)).Map(app);
        }

        await app.StartAsync(cancellation);
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        cluster.Address = bound;
        return new SimulatorServer(app, new Uri(bound), cluster, faults, requests);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static WebApplication Build(SimulatorOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole();
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Listen);
        });
        return builder.Build();
    }

    private static void Check(SimulatorOptions options)
    {
        if (!options.AllowRemote && !IPAddress.IsLoopback(options.Listen.Address))
        {
            throw new ArgumentException(
                $"{options.Listen} can be reached from other machines, and the control surface asks for no credentials. "
                + "Listen on 127.0.0.1 or [::1], or allow it with --allow-remote.");
        }

        if (options.ClusterTokens.Count == 0 || options.ClusterTokens.Any(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException("An agent token is needed: give --token or --token-file.");
        }

        if (options.Queues.Count == 0 || options.Queues.Any(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException("At least one queue is needed, and its key must not be empty.");
        }

        if (options.HeartbeatIntervalSeconds < 1 || options.JobStatusIntervalSeconds < 1 || options.PingIntervalSeconds < 1
            || options.ChunkMaxSizeBytes < 1)
        {
            throw new ArgumentException("Intervals and the chunk size have to be at least 1: agents fail on less.");
        }

        if (options.ReservationDefault <= TimeSpan.Zero || options.ReservationDefault > options.ReservationMaximum
            || options.LostAgentAfter <= TimeSpan.Zero)
        {
            throw new ArgumentException("The default reservation has to be positive and no longer than the longest, silence of agents positive.");
        }

        if (options is { DemoRepository: true, Repositories: null })
        {
            throw new ArgumentException("--demo-repository needs a folder: give --repositories.");
        }
    }
}
