using System.Text.Json.Nodes;
using MacRunners.Simulator.Api;
using MacRunners.Simulator.Faults;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.Requests;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Orka;

/// <summary>What only a simulator can: boot plans, faults, the requests seen; and what the simulated <c>ssh</c> and <c>orka3 imagecache</c> ask for.</summary>
internal sealed class OrkaControlRoutes(OrkaCluster cluster, FaultList faults, RequestJournal requests)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var sim = routes.MapGroup("/sim");
        sim.MapPost("/boots", PlanAsync);
        sim.MapPost("/images", AddImageAsync);
        sim.MapPost("/faults", AddFaultAsync);
        sim.MapDelete("/faults", ClearFaultsAsync);
        sim.MapGet("/requests", context => context.AnswerAsync(requests.All(), SimulatorJson.Default.RequestViewArray));
        sim.MapGet("/deployed", context => JsonAnswer.WriteAsync(context, JsonAnswer.Array(cluster.Deployed.Select(name => (JsonNode)name))));
        sim.MapGet("/vms", context => JsonAnswer.WriteAsync(context, JsonAnswer.Array(cluster.Store.List(OrkaPlural.Vms).Select(OrkaApiRoutes.VmView))));
        sim.MapPost("/ssh", SshAsync);
        sim.MapPost("/imagecache", CacheAsync);
        sim.MapGet("/imagecache/{image}", CachedAsync);
    }

    private async Task PlanAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        var boot = (body.OptionalString("boot") ?? "normal") switch
        {
            "normal" => BootKind.Normal,
            "never" => BootKind.Never,
            "failed" => BootKind.Failed,
            "no_network" => BootKind.NoNetwork,
            "hangs" => BootKind.Hangs,
            var other => throw RefusedException.Invalid($"boot: \"{other}\" is none of normal, never, failed, no_network, hangs"),
        };
        cluster.Plan(new BootPlan(body.OptionalString("image"), boot, body.OptionalStrings("failing_probes"), body.OptionalInt("count")));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task AddImageAsync(HttpContext context)
    {
        cluster.AddImage((await RequestBody.ReadAsync(context)).Text("name"));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task AddFaultAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        faults.Add(new FaultSpec
        {
            Route = body.Text("route"),
            Method = body.OptionalString("method"),
            Status = body.OptionalInt("status"),
            DelayMs = body.OptionalInt("delay_ms"),
            Reset = body.OptionalBool("reset") ?? false,
            RetryAfter = body.OptionalDouble("retry_after"),
            Count = body.OptionalInt("count"),
        });
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task ClearFaultsAsync(HttpContext context)
    {
        faults.Clear();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private async Task SshAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        var port = body.OptionalInt("port") ?? throw RefusedException.Invalid("port is missing");
        var answer = await cluster.RunOverSshAsync(body.Text("host"), port, body.OptionalStrings("command"), context.RequestAborted);
        await JsonAnswer.WriteAsync(context, new JsonObject { ["exit_code"] = answer.ExitCode, ["output"] = answer.Output, ["error"] = answer.Error });
    }

    private async Task CacheAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        cluster.Cache(body.Text("image"), body.Has("nodes") ? body.OptionalStrings("nodes") : null);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task CachedAsync(HttpContext context) => JsonAnswer.WriteAsync(context, JsonAnswer.Array(cluster.Store.List(OrkaPlural.Nodes)
        .Where(node => node["status"]!["images"]!.AsArray().Any(entry => (string?)entry!["name"] == context.PathValue("image")))
        .Select(node => node["metadata"]!["name"]!.DeepClone())));
}
