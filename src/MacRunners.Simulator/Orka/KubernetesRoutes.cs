using System.Text.Json.Nodes;
using MacRunners.Simulator.Api;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Orka;

/// <summary>The custom resources as the Kubernetes API server serves them: create, read, list, watch, delete.</summary>
internal sealed class KubernetesRoutes(OrkaCluster cluster)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        const string All = $"/apis/{ResourceStore.Group}/v1/namespaces/{{namespace}}/{{plural}}";
        routes.MapGet(All, ListOrWatchAsync);
        routes.MapPost(All, CreateAsync);
        routes.MapGet(All + "/{name}", ReadAsync);
        routes.MapDelete(All + "/{name}", DeleteAsync);
    }

    private static (string Namespace, string Plural) Where(HttpContext context) => (context.PathValue("namespace"), context.PathValue("plural"));

    private static ResourceKey Key(HttpContext context) => new(Where(context).Plural, Where(context).Namespace, context.PathValue("name"));

    private async Task ListOrWatchAsync(HttpContext context)
    {
        var (inNamespace, plural) = Where(context);
        var kind = ResourceStore.KindOf(plural);
        if (context.Request.Query["watch"] == "true")
        {
            await WatchAsync(context, plural, inNamespace);
            return;
        }

        await JsonAnswer.WriteAsync(context, new JsonObject
        {
            ["apiVersion"] = $"{ResourceStore.Group}/v1",
            ["kind"] = $"{kind}List",
            ["metadata"] = new JsonObject { ["resourceVersion"] = cluster.Store.Version },
            ["items"] = JsonAnswer.Array(cluster.Store.List(plural, inNamespace)),
        });
    }

    private async Task WatchAsync(HttpContext context, string plural, string inNamespace)
    {
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(context.RequestAborted);
        try
        {
            await foreach (var change in cluster.Store.WatchAsync(plural, inNamespace, context.RequestAborted))
            {
                var line = new JsonObject { ["type"] = change.Type, ["object"] = change.Resource };
                await context.Response.WriteAsync(line.ToJsonString() + "\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The watcher has gone.
        }
    }

    private async Task CreateAsync(HttpContext context)
    {
        var (inNamespace, plural) = Where(context);
        var body = await JsonAnswer.ReadAsync(context);
        if ((string?)body["apiVersion"] != $"{ResourceStore.Group}/v1" || (string?)body["kind"] != ResourceStore.KindOf(plural))
        {
            throw RefusedException.Malformed("apiVersion and kind do not fit the path");
        }

        var metadata = body["metadata"] as JsonObject ?? throw RefusedException.Invalid("metadata: Required value");
        var name = (string?)metadata["name"] ?? throw RefusedException.Invalid("metadata.name: Required value");
        var spec = body["spec"]?.DeepClone() as JsonObject ?? [];
        var created = plural switch
        {
            OrkaPlural.Vms => cluster.CreateVm(inNamespace, name, spec, (string?)metadata["labels"]?["orka.macstadium.com/vm-config"]),
            OrkaPlural.VmConfigs when name.Length <= 50 => cluster.Store.Create(new ResourceKey(plural, inNamespace, name), spec, metadata["labels"]?.DeepClone() as JsonObject),
            OrkaPlural.Images when (string?)spec["sourceType"] == "vm" => Save(spec, name),
            _ => throw RefusedException.Invalid($"{plural} \"{name}\" cannot be created like this"),
        };
        await JsonAnswer.WriteAsync(context, created, StatusCodes.Status201Created);
    }

    private JsonObject Save(JsonObject spec, string name)
    {
        cluster.Save(new ResourceKey(OrkaPlural.Vms, spec.Required("sourceNamespace"), spec.Required("source")), name);
        return cluster.Store.Get(new ResourceKey(OrkaPlural.Images, OrkaCluster.ImageNamespace, name));
    }

    private Task ReadAsync(HttpContext context) => JsonAnswer.WriteAsync(context, cluster.Store.Get(Key(context)));

    private Task DeleteAsync(HttpContext context)
    {
        var key = Key(context);
        var found = cluster.Store.Get(key);
        if (key.Plural == OrkaPlural.Vms)
        {
            cluster.DeleteVm(key);
        }
        else
        {
            cluster.Store.Delete(key);
        }

        return JsonAnswer.WriteAsync(context, found);
    }
}
