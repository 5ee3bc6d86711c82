using MacRunners.Health;
using MacRunners.Hosting.Control;
using MacRunners.Hosting.Http;
using MacRunners.Jobs;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using MacRunners.Tests.Health;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Teardown;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MacRunners.Tests.Hosting;

/// <summary>The real server with its real pages, over a dispatcher and a check that say what the test wants.</summary>
internal sealed class Pages : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly Scratch _folder;

    private Pages(WebApplication server, Scratch folder, Uri address, FakeDispatcher dispatcher, FakeSelfTest selfTest, DaemonMetrics metrics)
    {
        _server = server;
        _folder = folder;
        Dispatcher = dispatcher;
        SelfTest = selfTest;
        Metrics = metrics;
        Client = new HttpClient { BaseAddress = address };
    }

    internal HttpClient Client { get; }

    internal FakeDispatcher Dispatcher { get; }

    internal FakeSelfTest SelfTest { get; }

    internal DaemonMetrics Metrics { get; }

    internal static async Task<Pages> StartAsync(HealthCheckResult result, bool showJobs = false)
    {
        var dispatcher = new FakeDispatcher();
        var selfTest = new FakeSelfTest();
        var metrics = new DaemonMetrics("1.2.3", "linux");
        var folder = RootFolder.Create();
        var paths = new PathsOptions { State = folder.Folder, Run = folder.Folder };
        using var sockets = HttpSockets.Bind(new HttpOptions { Port = 0 }, []);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = "/" });
        builder.AddMacRunnersHttp(sockets, ControlSocket.PathIn(paths));
        builder.Services.AddLogging();
        builder.Services.AddSingleton(Options.Create(paths));
        builder.Services.AddSingleton<IPlatform>(new TestPlatform([]));
        builder.Services.AddSingleton(provider => provider.GetRequiredService<IPlatform>().Files);
        builder.Services.AddSingleton<Admission>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(metrics);
        builder.Services.AddSingleton<IDispatcherStatus>(dispatcher);
        builder.Services.AddSingleton<ISelfTestState>(selfTest);
        builder.Services.AddSingleton(Options.Create(new HttpOptions { ShowJobs = showJobs }));
        builder.Services.AddSingleton(Options.Create(new JobsOptions { Slots = 2 }));
        builder.Services.AddHealthChecks().AddCheck("subject", () => result);
        builder.Services.AddSingleton<HealthBoard>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<HealthBoard>());
        var server = builder.Build();
        server.Run(server.Services.GetRequiredService<StatusEndpoints>().AnswerAsync);
        var address = new Uri($"http://127.0.0.1:{sockets.EndPoints[0].Port}");
        await server.StartAsync(TestContext.Current.CancellationToken);
        var pages = new Pages(server, folder, address, dispatcher, selfTest, metrics);
        await pages.UntilCheckedAsync();
        return pages;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task UntilCheckedAsync()
    {
        var board = _server.Services.GetRequiredService<HealthBoard>();
        while (board.Checks.Any(check => check.Detail == "not looked at yet"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
