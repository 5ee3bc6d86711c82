using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace MacRunners.Tests.Buildkite;

/// <summary>
/// A server that says what it is told to: the client is tested over real connections, since escaping, time limits and broken
/// connections are what it is about. Answers are used up in order; a request without one is answered 418, which no test expects.
/// </summary>
internal sealed class FakeService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<RequestDelegate> _answers = new();
    private readonly ConcurrentQueue<SeenRequest> _requests = new();
    private RequestDelegate? _always;

    private FakeService(WebApplication app) => _app = app;

    public IReadOnlyList<SeenRequest> Requests => [.. _requests];

    public Uri Endpoint => new($"{_app.Urls.Single()}/v3");

    public static async Task<FakeService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        var service = new FakeService(app);
        app.Run(service.HandleAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    public FakeService Answers(int status, string body = "", params (string Name, string Value)[] headers) =>
        Answers(context => WriteAsync(context, status, body, headers));

    public FakeService Answers(RequestDelegate answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    public FakeService AnswersAlways(int status, string body = "", params (string Name, string Value)[] headers)
    {
        _always = context => WriteAsync(context, status, body, headers);
        return this;
    }

    /// <summary>Takes the request and hangs up without an answer.</summary>
    public FakeService HangsUp() => Answers(context =>
    {
        context.Abort();
        return Task.CompletedTask;
    });

    /// <summary>Never answers; says when a request has come.</summary>
    public FakeService StaysSilent(TaskCompletionSource arrived) => Answers(async context =>
    {
        arrived.TrySetResult();
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    });

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task WriteAsync(HttpContext context, int status, string body, (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        if (body.Length > 0)
        {
            context.Response.ContentType ??= "application/json";
            await context.Response.WriteAsync(body);
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        _requests.Enqueue(new SeenRequest(context.Request.Method, target, headers, body));
        var answer = _answers.TryDequeue(out var next) ? next : _always ?? (c => WriteAsync(c, 418, "", []));
        await answer(context);
    }
}
