using MacRunners.Simulator.Messages;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Api;

/// <summary>Calls made from inside a job: meta-data, annotations, artifacts.</summary>
internal sealed class JobDataRoutes(Cluster cluster)
{
    private const string DefaultContext = "default";

    public void Map(IEndpointRouteBuilder routes)
    {
        MapMetaData(routes.MapGroup("/v3/jobs/{id}/data"), context => JobScope.Job(context.PathValue("id")));
        MapMetaData(routes.MapGroup("/v3/builds/{id}/data"), context => JobScope.Build(context.PathValue("id")));
        routes.MapPost("/v3/jobs/{id}/annotations", AnnotateAsync);
        routes.MapDelete("/v3/jobs/{id}/annotations/{context}", RemoveAnnotationAsync);
        routes.MapPost("/v3/jobs/{id}/artifacts", AnnounceArtifactsAsync);
        routes.MapPut("/v3/jobs/{id}/artifacts", SetArtifactStatesAsync);
        routes.MapGet("/v3/builds/{id}/artifacts/search", SearchArtifactsAsync);
        routes.MapPost("/sim/uploads/{batch}", UploadAsync);
        routes.MapGet("/sim/artifacts/{id}", DownloadAsync);
    }

    private void MapMetaData(RouteGroupBuilder data, Func<HttpContext, JobScope> scopeOf)
    {
        RequestDelegate Scoped(Func<HttpContext, JobScope, Task> handler) => context =>
        {
            var scope = scopeOf(context);
            cluster.RequireScope(context.Token(), scope);
            return handler(context, scope);
        };
        data.MapPost("/exists", Scoped(ExistsAsync));
        data.MapPost("/get", Scoped(GetAsync));
        data.MapPost("/set", Scoped(SetAsync));
        data.MapPost("/keys", Scoped(KeysAsync));
    }

    private async Task ExistsAsync(HttpContext context, JobScope scope)
    {
        var key = (await RequestBody.ReadAsync(context)).Text("key");
        var exists = cluster.MetaDataExists(context.Token(), scope, key);
        await context.AnswerAsync(new MetaDataExists(exists), SimulatorJson.Default.MetaDataExists);
    }

    private async Task GetAsync(HttpContext context, JobScope scope)
    {
        var key = (await RequestBody.ReadAsync(context)).Text("key");
        var value = cluster.MetaData(context.Token(), scope, key);
        await context.AnswerAsync(new MetaDataEntry(key, value), SimulatorJson.Default.MetaDataEntry);
    }

    private async Task SetAsync(HttpContext context, JobScope scope)
    {
        var body = await RequestBody.ReadAsync(context);
        cluster.SetMetaData(context.Token(), scope, body.Text("key"), body.String("value"));
        await context.AnswerNothingAsync();
    }

    private Task KeysAsync(HttpContext context, JobScope scope) =>
        context.AnswerAsync(cluster.MetaDataKeys(context.Token(), scope), SimulatorJson.Default.StringArray);

    private async Task AnnotateAsync(HttpContext context)
    {
        var id = context.PathValue("id");
        cluster.RequireJobToken(context.Token(), id);
        var body = await RequestBody.ReadAsync(context);
        var annotation = new Annotation(
            NonEmpty(body.OptionalString("context")) ?? DefaultContext,
            body.OptionalString("style") ?? "",
            body.OptionalString("body") ?? "",
            body.OptionalInt("priority") ?? 3);
        cluster.Annotate(context.Token(), id, annotation, body.OptionalBool("append") ?? false);
        await context.AnswerNothingAsync(StatusCodes.Status201Created);
    }

    private Task RemoveAnnotationAsync(HttpContext context)
    {
        cluster.RemoveAnnotation(context.Token(), context.PathValue("id"), context.PathValue("context"));
        return context.AnswerNothingAsync();
    }

    private async Task AnnounceArtifactsAsync(HttpContext context)
    {
        var id = context.PathValue("id");
        cluster.RequireJobToken(context.Token(), id);
        var body = await RequestBody.ReadAsync(context);
        var files = body.Objects("artifacts")
            .Select(file => new ArtifactAnnouncement(file.Text("path"), file.Long("file_size"), file.OptionalString("sha1sum")))
            .ToList();
        var (batchId, ids) = cluster.AddArtifacts(context.Token(), id, files);
        var upload = new UploadAction(cluster.Address, "POST", $"/sim/uploads/{batchId}", "file");
        var form = new Dictionary<string, string> { ["path"] = "${artifact:path}" };
        await context.AnswerAsync(
            new ArtifactBatch(batchId, ids, new UploadInstructions(upload, form)),
            SimulatorJson.Default.ArtifactBatch,
            StatusCodes.Status201Created);
    }

    private async Task SetArtifactStatesAsync(HttpContext context)
    {
        var id = context.PathValue("id");
        cluster.RequireJobToken(context.Token(), id);
        var body = await RequestBody.ReadAsync(context);
        foreach (var artifact in body.Objects("artifacts"))
        {
            cluster.SetArtifactState(context.Token(), id, artifact.Text("id"), artifact.Text("state"));
        }

        await context.AnswerNothingAsync();
    }

    private Task SearchArtifactsAsync(HttpContext context) => context.AnswerAsync(
        cluster.Artifacts(context.Token(), JobScope.Build(context.PathValue("id"))), SimulatorJson.Default.ArtifactArray);

    private async Task UploadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
        {
            throw RefusedException.Malformed("An upload has to be a form with the fields path and file");
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (form["path"] is not [{ } path] || form.Files["file"] is not { } file)
        {
            throw RefusedException.Malformed("An upload has to be a form with the fields path and file");
        }

        using var content = new MemoryStream();
        await file.CopyToAsync(content, context.RequestAborted);
        cluster.StoreUpload(context.PathValue("batch"), path, content.ToArray());
        await context.AnswerNothingAsync(StatusCodes.Status201Created);
    }

    private async Task DownloadAsync(HttpContext context)
    {
        var content = cluster.Download(context.PathValue("id"));
        context.Response.ContentType = "application/octet-stream";
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
