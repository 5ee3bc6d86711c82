using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MacRunners.Fleet.Tests.Versions;

/// <summary>The three calls about issues, on a real socket.</summary>
internal sealed class FakeGitHub : IAsyncDisposable
{
    public const string Token = "canary-token-of-github";
    private const string Path = "/repos/acme/runners/issues";
    private readonly WebApplication _app;

    private FakeGitHub()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            if (Refusal is { } status)
            {
                context.Response.StatusCode = status;
                return;
            }

            if (context.Request.Headers.Authorization != $"Bearer {Token}" || context.Request.Headers.UserAgent.Count == 0)
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return;
            }

            await next(context);
        });
        _app.MapGet(Path, (string labels) => Results.Json(Issues.Where(issue => issue["labels"]!.AsArray().Any(label => (string?)label == labels))));
        _app.MapPost(Path, (JsonObject issue) =>
        {
            issue["number"] = Issues.Count + 1;
            Issues.Add(issue);
            return Results.Json(issue, statusCode: StatusCodes.Status201Created);
        });
        _app.MapPatch(Path + "/{number}", (int number, JsonObject change) =>
        {
            Issues[number - 1]["body"] = change["body"]!.DeepClone();
            return Results.Json(Issues[number - 1]);
        });
    }

    public List<JsonObject> Issues { get; } = [];

    public static async Task<FakeGitHub> StartAsync()
    {
        var fake = new FakeGitHub();
        await fake._app.StartAsync(TestContext.Current.CancellationToken);
        return fake;
    }

    /// <summary>Answers everything with this status; null for none.</summary>
    public int? Refusal { get; set; }

    public string? Variable(string name) => name switch
    {
        "GITHUB_REPOSITORY" => "acme/runners",
        "GITHUB_TOKEN" => Token,
        "GITHUB_API_URL" => _app.Urls.Single(),
        _ => null,
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
