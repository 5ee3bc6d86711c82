using System.Globalization;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>What <c>--health-check-addr</c> opens: whether the agent runs, and whether it is busy.</summary>
internal static class HealthServer
{
    /// <summary>Starts it, or does nothing when no address was given. An address that cannot be had is only logged.</summary>
    public static async Task<WebApplication?> StartAsync(string address, string agentId, StopSignals signals, AgentLog log)
    {
        if (address.Length == 0)
        {
            return null;
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, Serve.NoLifetime>();
        builder.WebHost.UseUrls($"http://{(address.StartsWith(':') ? "[::]" : "")}{address}");
        var app = builder.Build();
        app.MapGet("/", () => "OK: Buildkite agent is running");
        app.MapGet("/agent/1", () => "OK");
        app.MapGet("/status.json", (HttpContext context) => WriteStatusAsync(context, agentId, signals));
        log.Notice($"Starting HTTP health check server on {address}");
        try
        {
            await app.StartAsync();
        }
        catch (IOException e)
        {
            log.Error($"Could not start health check server: {e.Message}");
        }

        return app;
    }

    private static Task WriteStatusAsync(HttpContext context, string agentId, StopSignals signals)
    {
        var state = signals.Runner is null ? "idle" : "busy";
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"health":"ok","aggregate_status":"{{state}}","workers":[{"status":"{{state}}","id":"{{agentId}}","spawn_index":1}]}"""));
    }
}
