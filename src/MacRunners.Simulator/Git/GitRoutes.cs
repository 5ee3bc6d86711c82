using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using MacRunners.Simulator.Api;
using MacRunners.Simulator.State;

namespace MacRunners.Simulator.Git;

/// <summary>Bare repositories of a folder over git's smart HTTP protocol, for reading only.</summary>
internal sealed partial class GitRoutes(string repositories)
{
    private const string Service = "git-upload-pack";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/git/{name}/info/refs", RefsAsync);
        routes.MapPost("/git/{name}/" + Service, UploadPackAsync);
    }

    private async Task RefsAsync(HttpContext context)
    {
        var path = Find(context);
        if (context.Request.Query["service"] is not [Service])
        {
            throw RefusedException.Forbidden("Only fetching is offered here, over the smart protocol");
        }

        var announcement = Encoding.ASCII.GetBytes($"# service={Service}\n");
        Prepare(context, "advertisement");
        await context.Response.WriteAsync($"{announcement.Length + 4:x4}", context.RequestAborted);
        await context.Response.Body.WriteAsync(announcement, context.RequestAborted);
        await context.Response.WriteAsync("0000", context.RequestAborted);
        await RunAsync(context, ["upload-pack", "--stateless-rpc", "--advertise-refs", path], Stream.Null);
    }

    private async Task UploadPackAsync(HttpContext context)
    {
        var path = Find(context);
        Prepare(context, "result");
        await using var body = context.Request.Headers.ContentEncoding is ["gzip" or "x-gzip"]
            ? new GZipStream(context.Request.Body, CompressionMode.Decompress)
            : context.Request.Body;
        await RunAsync(context, ["upload-pack", "--stateless-rpc", path], body);
    }

    private string Find(HttpContext context)
    {
        var name = context.PathValue("name");
        var path = Path.Combine(repositories, name);
        return NamePattern().IsMatch(name) && Directory.Exists(path)
            ? path
            : throw RefusedException.NotFound($"Repository \"{name}\" not found");
    }

    private static void Prepare(HttpContext context, string kind)
    {
        context.Response.ContentType = $"application/x-{Service}-{kind}";
        context.Response.Headers.CacheControl = "no-cache";
    }

    private static async Task RunAsync(HttpContext context, string[] arguments, Stream input)
    {
        var environment = context.Request.Headers["Git-Protocol"] is [{ } protocol]
            ? new Dictionary<string, string> { ["GIT_PROTOCOL"] = protocol }
            : null;
        using var git = GitProcess.Start(arguments, environment);
        try
        {
            var error = git.StandardError.ReadToEndAsync(context.RequestAborted);
            var feeding = FeedAsync(input, git.StandardInput.BaseStream, context.RequestAborted);
            await git.StandardOutput.BaseStream.CopyToAsync(context.Response.Body, context.RequestAborted);
            await feeding;
            await git.WaitForExitAsync(context.RequestAborted);
            if (git.ExitCode != 0)
            {
                throw new InvalidOperationException($"git {arguments[0]} failed with {git.ExitCode}: {(await error).Trim()}");
            }
        }
        finally
        {
            if (!git.HasExited)
            {
                git.Kill();
            }
        }
    }

    private static async Task FeedAsync(Stream input, Stream git, CancellationToken cancellation)
    {
        await using (git)
        {
            await input.CopyToAsync(git, cancellation);
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]*\.git\z")]
    private static partial Regex NamePattern();
}
