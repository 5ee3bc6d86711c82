using MacRunners.Simulator.Messages;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Api;

/// <summary>The Agent API's calls about the session: registration token on the first two, session token on the rest.</summary>
internal sealed class AgentRoutes(Cluster cluster)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v3/token", TokenAsync);
        routes.MapPost("/v3/register", RegisterAsync);
        routes.MapPost("/v3/connect", ConnectAsync);
        routes.MapPost("/v3/heartbeat", HeartbeatAsync);
        routes.MapGet("/v3/ping", PingAsync);
        routes.MapPost("/v3/disconnect", DisconnectAsync);
        routes.MapGet("/v3/metrics", MetricsAsync);
        routes.MapGet("/v3/metrics/queue", QueueMetricsAsync);
    }

    private Task TokenAsync(HttpContext context) =>
        context.AnswerAsync(cluster.Introspect(context.Token()), SimulatorJson.Default.TokenView);

    private async Task RegisterAsync(HttpContext context)
    {
        cluster.Introspect(context.Token());
        var body = await RequestBody.ReadAsync(context);
        var registration = new AgentRegistration
        {
            Name = body.Text("name"),
            Hostname = body.Text("hostname"),
            Os = body.Text("os"),
            Arch = body.Text("arch"),
            Version = body.Text("version"),
            Build = body.Text("build"),
            MetaData = body.OptionalStrings("meta_data"),
            Features = body.OptionalStrings("features"),
            IgnoreInDispatches = body.OptionalBool("ignore_in_dispatches") ?? false,
            Pid = body.OptionalInt("pid"),
        };
        await context.AnswerAsync(cluster.RegisterAgent(context.Token(), registration), SimulatorJson.Default.AgentRegistered);
    }

    private Task ConnectAsync(HttpContext context)
    {
        cluster.Connect(context.Token());
        return context.AnswerNothingAsync();
    }

    private async Task HeartbeatAsync(HttpContext context)
    {
        cluster.RequireLiveSession(context.Token());
        var body = await RequestBody.ReadAsync(context);
        await context.AnswerAsync(cluster.Heartbeat(context.Token(), body.Timestamp("sent_at")), SimulatorJson.Default.HeartbeatAnswer);
    }

    private Task PingAsync(HttpContext context) => context.AnswerAsync(cluster.Ping(context.Token()), SimulatorJson.Default.PingAnswer);

    private Task DisconnectAsync(HttpContext context)
    {
        cluster.Disconnect(context.Token());
        return context.AnswerNothingAsync();
    }

    private Task MetricsAsync(HttpContext context)
    {
        Measure(context);
        return context.AnswerAsync(cluster.Metrics(), SimulatorJson.Default.ClusterMetrics);
    }

    private Task QueueMetricsAsync(HttpContext context)
    {
        Measure(context);
        return context.Request.Query["name"] is [{ Length: > 0 } name]
            ? context.AnswerAsync(cluster.Metrics(name), SimulatorJson.Default.QueueMetrics)
            : throw RefusedException.Malformed("name is missing");
    }

    private void Measure(HttpContext context)
    {
        cluster.RequireClusterToken(context.Token());
        context.Response.Headers["Buildkite-Agent-Metrics-Poll-Duration"] = "10";
    }
}
