using System.Globalization;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Api;

namespace MacRunners.Simulator.Orka;

/// <summary>Orka's own API, which also serves the simulated <c>orka3</c>.</summary>
internal sealed class OrkaApiRoutes(OrkaCluster cluster)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1");
        api.MapGet("/cluster-info", ClusterInfoAsync);
        api.MapGet("/namespaces/{namespace}/vms", VmsAsync);
        api.MapPost("/namespaces/{namespace}/vms", DeployAsync);
        api.MapGet("/namespaces/{namespace}/vms/{name}", VmAsync);
        api.MapDelete("/namespaces/{namespace}/vms/{name}", DeleteVmAsync);
        api.MapPost("/namespaces/{namespace}/vms/{name}/save", SaveAsync);
        api.MapPost("/namespaces/{namespace}/vms/{name}/commit", CommitAsync);
        api.MapPost("/namespaces/{namespace}/vms/{name}/push", PushAsync);
        api.MapGet("/namespaces/{namespace}/push/{job}", PushStateAsync);
        api.MapGet("/namespaces/{namespace}/nodes", NodesAsync);
        api.MapGet("/namespaces/orka-default/images", ImagesAsync);
        api.MapDelete("/namespaces/orka-default/images/{name}", DeleteImageAsync);
        api.MapGet("/namespaces/orka-default/vmconfigs", VmConfigsAsync);
        api.MapPost("/namespaces/orka-default/vmconfigs", CreateVmConfigAsync);
        api.MapDelete("/namespaces/orka-default/vmconfigs/{name}", DeleteVmConfigAsync);
    }

    /// <summary>A VM as REST and CLI show it. A stopped or failed one has no better status than its phase.</summary>
    public static JsonObject VmView(JsonObject vm) => new()
    {
        ["name"] = vm["metadata"]!["name"]!.DeepClone(),
        ["ip"] = vm["status"]!["ip"]?.DeepClone(),
        ["ssh"] = vm["status"]!["sshPort"]?.DeepClone(),
        ["vnc"] = vm["status"]!["vncPort"]?.DeepClone(),
        ["screenshare"] = vm["status"]!["screenSharePort"]?.DeepClone(),
        ["status"] = vm["status"]!["phase"]!.DeepClone(),
        ["node"] = vm["status"]!["nodeName"]?.DeepClone(),
        ["image"] = vm["spec"]!["image"]!.DeepClone(),
        ["cpu"] = vm["spec"]!["cpu"]!.DeepClone(),
        ["memory"] = vm["status"]!["memory"]?.DeepClone(),
        ["deployDate"] = vm["metadata"]!["creationTimestamp"]!.DeepClone(),
    };

    private static ResourceKey Vm(HttpContext context) => new(OrkaPlural.Vms, context.PathValue("namespace"), context.PathValue("name"));

    private static ResourceKey Default(string plural, string name) => new(plural, OrkaCluster.ImageNamespace, name);

    private static Task ItemsAsync(HttpContext context, IEnumerable<JsonNode> items) => JsonAnswer.WriteAsync(context, new JsonObject { ["items"] = JsonAnswer.Array(items) });

    private static Task NoContentAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static Task ClusterInfoAsync(HttpContext context) => JsonAnswer.WriteAsync(context, new JsonObject
    {
        ["apiEndpoint"] = string.Create(CultureInfo.InvariantCulture, $"{context.Request.Scheme}://{context.Request.Host}"),
        ["apiDomain"] = "orka.simulated",
        ["certData"] = "",
    });

    private Task VmsAsync(HttpContext context) => ItemsAsync(context, cluster.Store.List(OrkaPlural.Vms, context.PathValue("namespace")).Select(VmView));

    private Task VmAsync(HttpContext context) => JsonAnswer.WriteAsync(context, VmView(cluster.Store.Get(Vm(context))));

    private async Task DeployAsync(HttpContext context)
    {
        var body = await JsonAnswer.ReadAsync(context);
        var spec = body.Take("image", "cpu", "memory", "tag", "tagRequired", "scheduler", "reservedPorts", "customVMMetadata");
        if (body["node"] is { } node)
        {
            spec["nodeName"] = node.DeepClone();
        }

        var name = (bool?)body["shouldGenerateName"] == true ? $"{body.Required("name")}-{Guid.NewGuid():N}"[..20] : body.Required("name");
        var created = cluster.CreateVm(context.PathValue("namespace"), name, spec, (string?)body["vmConfig"]);
        await JsonAnswer.WriteAsync(context, VmView(created), StatusCodes.Status201Created);
    }

    private Task DeleteVmAsync(HttpContext context)
    {
        cluster.DeleteVm(Vm(context));
        return NoContentAsync(context);
    }

    private async Task SaveAsync(HttpContext context)
    {
        cluster.Save(Vm(context), (await JsonAnswer.ReadAsync(context)).Required("imageName"));
        await NoContentAsync(context);
    }

    private Task CommitAsync(HttpContext context)
    {
        cluster.Commit(Vm(context));
        return NoContentAsync(context);
    }

    private async Task PushAsync(HttpContext context) => await JsonAnswer.WriteAsync(
        context, new JsonObject { ["jobName"] = cluster.Push(Vm(context), (await JsonAnswer.ReadAsync(context)).Required("imageReference")) });

    private Task PushStateAsync(HttpContext context) => JsonAnswer.WriteAsync(context, new JsonObject { ["status"] = cluster.PushState(context.PathValue("job")) });

    private Task NodesAsync(HttpContext context) => ItemsAsync(context, cluster.Store.List(OrkaPlural.Nodes).Select(node =>
    {
        var view = node["status"]!.AsObject().Take("nodeIP", "availableCpu", "allocatableCpu", "availableMemory", "allocatableMemory", "phase");
        view["name"] = node["metadata"]!["name"]!.DeepClone();
        view["orkaTags"] = node["spec"]!["tags"]!.DeepClone();
        return view;
    }));

    private Task ImagesAsync(HttpContext context) => ItemsAsync(context, cluster.Store.List(OrkaPlural.Images).Select(image => new JsonObject
    {
        ["name"] = image["metadata"]!["name"]!.DeepClone(),
        ["state"] = image["status"]!["state"]!.DeepClone(),
    }));

    private Task DeleteImageAsync(HttpContext context)
    {
        cluster.Store.Delete(Default(OrkaPlural.Images, context.PathValue("name")));
        return NoContentAsync(context);
    }

    private Task VmConfigsAsync(HttpContext context) => ItemsAsync(context, cluster.Store.List(OrkaPlural.VmConfigs).Select(config =>
    {
        var view = config["spec"]!.DeepClone().AsObject();
        view["name"] = config["metadata"]!["name"]!.DeepClone();
        return view;
    }));

    private async Task CreateVmConfigAsync(HttpContext context)
    {
        var body = await JsonAnswer.ReadAsync(context);
        cluster.Store.Create(Default(OrkaPlural.VmConfigs, body.Required("name")), body.Take("image", "cpu", "memory", "scheduler", "tag", "tagRequired"));
        await NoContentAsync(context);
    }

    private Task DeleteVmConfigAsync(HttpContext context)
    {
        cluster.Store.Delete(Default(OrkaPlural.VmConfigs, context.PathValue("name")));
        return NoContentAsync(context);
    }
}
