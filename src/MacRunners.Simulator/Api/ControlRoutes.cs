using MacRunners.Simulator.Faults;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.Requests;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Api;

/// <summary>The control surface below <c>/sim</c>: what the user interface of the service would do, and what only a simulator can.</summary>
internal sealed class ControlRoutes(Cluster cluster, FaultList faults, RequestJournal requests)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var sim = routes.MapGroup("/sim");
        sim.MapPost("/jobs", AddJobAsync);
        sim.MapGet("/jobs", JobsAsync);
        sim.MapGet("/jobs/{id}", JobAsync);
        sim.MapPost("/jobs/{id}/cancel", CancelAsync);
        sim.MapGet("/queues", QueuesAsync);
        sim.MapPost("/queues/{key}", PauseAsync);
        sim.MapGet("/stacks", StacksAsync);
        sim.MapGet("/agents", AgentsAsync);
        sim.MapGet("/faults", FaultsAsync);
        sim.MapPost("/faults", AddFaultAsync);
        sim.MapDelete("/faults", ClearFaultsAsync);
        sim.MapGet("/requests", RequestsAsync);
        sim.MapDelete("/requests", ClearRequestsAsync);
    }

    private Task JobsAsync(HttpContext context) => context.AnswerAsync(cluster.ViewJobs(), SimulatorJson.Default.JobViewArray);

    private Task JobAsync(HttpContext context) =>
        context.AnswerAsync(cluster.ViewJob(context.PathValue("id")), SimulatorJson.Default.JobView);

    private Task CancelAsync(HttpContext context) =>
        context.AnswerAsync(cluster.Cancel(context.PathValue("id")), SimulatorJson.Default.JobView);

    private Task QueuesAsync(HttpContext context) => context.AnswerAsync(cluster.Queues(), SimulatorJson.Default.QueueControlViewArray);

    private Task StacksAsync(HttpContext context) => context.AnswerAsync(cluster.Stacks(), SimulatorJson.Default.StackViewArray);

    private Task AgentsAsync(HttpContext context) => context.AnswerAsync(cluster.Agents(), SimulatorJson.Default.AgentViewArray);

    private Task FaultsAsync(HttpContext context) => context.AnswerAsync(faults.All(), SimulatorJson.Default.FaultViewArray);

    private Task RequestsAsync(HttpContext context) => context.AnswerAsync(
        requests.All(context.Request.Query["path"] is [{ } part] ? part : null), SimulatorJson.Default.RequestViewArray);

    private async Task AddJobAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        var timeout = body.OptionalInt("timeout_seconds");
        if (timeout is < 1)
        {
            throw RefusedException.Invalid("timeout_seconds has to be positive");
        }

        var id = cluster.AddJob(new JobSpec
        {
            Command = body.Text("command"),
            Queue = NonEmpty(body.OptionalString("queue")),
            Env = body.Has("env") ? body.StringMap("env") : new Dictionary<string, string>(),
            Repo = NonEmpty(body.OptionalString("repo")),
            AgentQueryRules = body.OptionalStrings("agent_query_rules"),
            Priority = body.OptionalInt("priority") ?? 0,
            TimeoutSeconds = timeout,
            Id = NonEmpty(body.OptionalString("id")),
            BuildId = NonEmpty(body.OptionalString("build_id")),
            StepKey = NonEmpty(body.OptionalString("step_key")),
        });
        await context.AnswerAsync(new Created(id), SimulatorJson.Default.Created, StatusCodes.Status201Created);
    }

    private async Task PauseAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        var paused = body.OptionalBool("paused") ?? throw RefusedException.Invalid("paused is missing");
        await context.AnswerAsync(cluster.Pause(context.PathValue("key"), paused), SimulatorJson.Default.QueueControlView);
    }

    private async Task AddFaultAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        var id = faults.Add(new FaultSpec
        {
            Route = NonEmpty(body.OptionalString("route")),
            Method = NonEmpty(body.OptionalString("method")),
            Status = body.OptionalInt("status"),
            DelayMs = body.OptionalInt("delay_ms"),
            Reset = body.OptionalBool("reset") ?? false,
            After = body.OptionalBool("after") ?? false,
            RetryAfter = body.OptionalDouble("retry_after"),
            Body = body.OptionalString("body"),
            NotIssued = NonEmpty(body.OptionalString("not_issued")),
            Count = body.OptionalInt("count"),
            ArmedBy = NonEmpty(body.OptionalString("armed_by")),
        });
        await context.AnswerAsync(new Created(id), SimulatorJson.Default.Created, StatusCodes.Status201Created);
    }

    private Task ClearFaultsAsync(HttpContext context)
    {
        faults.Clear();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task ClearRequestsAsync(HttpContext context)
    {
        requests.Clear();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
