using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MacRunners.Tests.Images;

/// <summary>A real HTTP server on the loopback address that serves archives, and, when bent, what broken mirrors serve.</summary>
internal sealed class ArchiveServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, string> _files = new();
    private readonly ConcurrentQueue<string> _requests = new();

    private ArchiveServer(WebApplication application)
    {
        _application = application;
        _application.Run(AnswerAsync);
    }

    /// <summary>Where it is.</summary>
    internal string Address => _application.Urls.Single();

    /// <summary>Paths that were asked for, in order.</summary>
    internal IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>What is served instead of a file.</summary>
    internal Dictionary<string, Bend> Bent { get; } = [];

    /// <summary>Paths that only open to this header <c>Authorization</c>, or to this query.</summary>
    internal Dictionary<string, string> Locked { get; } = [];

    internal static async Task<ArchiveServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new ArchiveServer(builder.Build());
        await server._application.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Serves a file; returns its address.</summary>
    internal string Serve(string file)
    {
        var path = $"/{Path.GetFileName(file)}";
        _files[path] = file;
        return Address + path;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        _requests.Enqueue(path);
        if (Locked.TryGetValue(path, out var key) && context.Request.Headers.Authorization != key && context.Request.QueryString.Value != key)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        if (!_files.ContainsKey(path))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var content = _files.TryGetValue(path, out var file) ? await File.ReadAllBytesAsync(file, context.RequestAborted) : [];
        switch (Bent.TryGetValue(path, out var bend) ? bend : Bend.None)
        {
            case Bend.Html:
                await context.Response.WriteAsync("<!DOCTYPE html><html><body>Please log in</body></html>", context.RequestAborted);
                break;
            case Bend.Missing:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
            case Bend.Truncated:
                context.Response.ContentLength = content.Length;
                await context.Response.Body.WriteAsync(content.AsMemory(0, content.Length / 2), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                context.Abort();
                break;
            default:
                await context.Response.Body.WriteAsync(content, context.RequestAborted);
                break;
        }
    }

    internal enum Bend
    {
        None,
        Html,
        Missing,
        Truncated,
    }
}
