using MacRunners.Simulator.Api;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.State;
using Microsoft.Net.Http.Headers;

namespace MacRunners.Simulator.Requests;

/// <summary>Writes down every request outside the control surface, with its answer's status.</summary>
internal sealed class RequestJournalMiddleware(RequestJournal journal, TimeProvider time)
{
    private const int VisibleTokenEnd = 4;
    private const int CutConnection = 0;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/sim"))
        {
            await next(context);
            return;
        }

        var at = time.GetUtcNow();
        var entry = journal.Add(new RequestView
        {
            At = at,
            Method = context.Request.Method,
            Path = context.Request.Path.Value ?? "",
            Query = context.Request.QueryString.Value ?? "",
            Headers = context.Request.Headers.ToDictionary(header => header.Key, header => Show(context, header.Key, header.Value.ToString())),
            Body = await ReadBodyAsync(context),
            BodyBytes = context.Request.ContentLength,
        });

        // Before the answer leaves: who has seen the answer finds it in the journal.
        context.Response.OnStarting(() =>
        {
            entry.Status = context.Response.StatusCode;
            return Task.CompletedTask;
        });
        try
        {
            await next(context);
        }
        finally
        {
            if (context.RequestAborted.IsCancellationRequested)
            {
                entry.Status = CutConnection;
            }
        }
    }

    private static async Task<string?> ReadBodyAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            return null;
        }

        context.Request.EnableBuffering();
        using var reader = new StreamReader(context.Request.Body, leaveOpen: true);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        context.Request.Body.Position = 0;
        return body;
    }

    private static string Show(HttpContext context, string name, string value) => name switch
    {
        _ when name != HeaderNames.Authorization => value,
        _ when context.Token() is { } token => $"{TokenMint.Kind(token)} ...{token[^Math.Min(VisibleTokenEnd, token.Length / 2)..]}",
        _ => "unknown scheme",
    };
}
