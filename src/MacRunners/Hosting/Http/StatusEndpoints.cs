using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MacRunners.Hosting.Http;

/// <summary>Answers requests: five pages to read, nothing to change. No routing, no middleware: there is nothing for a request to reach.</summary>
internal sealed class StatusEndpoints(StatusView view, MetricsText metrics)
{
    private const string Json = "application/json; charset=utf-8";
    private const string Text = "text/plain; version=0.0.4; charset=utf-8";
    private const string Html = "text/html; charset=utf-8";

    /// <summary>Answers one request.</summary>
    public Task AnswerAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            headers.Allow = "GET, HEAD";
            return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, new ErrorDocument("Only GET and HEAD: nothing here can be changed."), HttpJson.Default.ErrorDocument);
        }

        return context.Request.Path.Value switch
        {
            "/" => PageAsync(context),
            "/health" => HealthAsync(context),
            "/health/live" => WriteAsync(context, StatusCodes.Status200OK, new LiveDocument("alive"), HttpJson.Default.LiveDocument),
            "/health/ready" => ReadyAsync(context),
            "/metrics" => MetricsAsync(context),
            _ => WriteAsync(
                context,
                StatusCodes.Status404NotFound,
                new ErrorDocument("There are /, /health, /health/live, /health/ready and /metrics."),
                HttpJson.Default.ErrorDocument),
        };
    }

    private Task HealthAsync(HttpContext context) =>
        WriteAsync(context, view.IsUsable ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, view.Health(), HttpJson.Default.HealthDocument);

    private Task ReadyAsync(HttpContext context)
    {
        var ready = view.Ready();
        return WriteAsync(context, ready.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, ready, HttpJson.Default.ReadyDocument);
    }

    private async Task MetricsAsync(HttpContext context) => await WriteAsync(context, StatusCodes.Status200OK, Text, await metrics.CollectAsync());

    private Task PageAsync(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        return WriteAsync(context, StatusCodes.Status200OK, Html, System.Text.Encoding.UTF8.GetBytes(StatusPage.Write(view)));
    }

    private static Task WriteAsync<T>(HttpContext context, int status, T document, JsonTypeInfo<T> type) =>
        WriteAsync(context, status, Json, JsonSerializer.SerializeToUtf8Bytes(document, type));

    private static Task WriteAsync(HttpContext context, int status, string type, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
