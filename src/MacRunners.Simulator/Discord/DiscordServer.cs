using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Orka;
using MacRunners.Simulator.Serve;
using MacRunners.Simulator.State;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace MacRunners.Simulator.Discord;

/// <summary>One webhook with the service's limits; keeps what it was sent and can be told to answer 429 or 500.</summary>
internal sealed class DiscordServer : IAsyncDisposable
{
    public const string WebhookPath = "/api/webhooks/1234/secret-of-the-webhook";
    private const int MaxEmbedText = 6000;
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly List<JsonObject> _messages = [];
    private readonly Queue<(int Status, double RetryAfter)> _refusals = new();

    private DiscordServer(IPEndPoint listen)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(listen));
        _app = builder.Build();
        _app.MapPost("/api/webhooks/{id}/{token}", ReceiveAsync);
        _app.MapGet("/sim/messages", context => JsonAnswer.WriteAsync(context, JsonAnswer.Array(Messages)));
        _app.MapPost("/sim/refusals", AddRefusalAsync);
    }

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public Uri Webhook => new(Address, WebhookPath);

    /// <summary>Messages taken, oldest first.</summary>
    public IReadOnlyList<JsonObject> Messages
    {
        get
        {
            lock (_gate)
            {
                return [.. _messages.Select(message => (JsonObject)message.DeepClone())];
            }
        }
    }

    public static async Task<DiscordServer> StartAsync(IPEndPoint listen, CancellationToken cancellation = default)
    {
        var server = new DiscordServer(listen);
        await server._app.StartAsync(cancellation);
        server.Address = new Uri(server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    /// <summary>The next message is refused like this.</summary>
    public void Refuse(int status, double retryAfter = 0)
    {
        lock (_gate)
        {
            _refusals.Enqueue((status, retryAfter));
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AddRefusalAsync(HttpContext context)
    {
        var body = await JsonAnswer.ReadAsync(context);
        Refuse((int)body["status"]!, (double?)body["retry_after"] ?? 0);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        if (context.Request.Path != WebhookPath)
        {
            await JsonAnswer.WriteAsync(context, new JsonObject { ["message"] = "Unknown Webhook", ["code"] = 10015 }, StatusCodes.Status404NotFound);
            return;
        }

        try
        {
            var message = await JsonAnswer.ReadAsync(context);
            Check(message);
            (int Status, double RetryAfter)? refusal = null;
            lock (_gate)
            {
                if (_refusals.TryDequeue(out var next))
                {
                    refusal = next;
                }
                else
                {
                    _messages.Add(message);
                }
            }

            if (refusal is { } refused)
            {
                await RefuseAsync(context, refused.Status, refused.RetryAfter);
                return;
            }

            await JsonAnswer.WriteAsync(context, new JsonObject { ["id"] = "1" });
        }
        catch (RefusedException invalid)
        {
            await JsonAnswer.WriteAsync(context, new JsonObject { ["message"] = invalid.Message, ["code"] = 50035 }, StatusCodes.Status400BadRequest);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, double retryAfter)
    {
        context.Response.Headers.RetryAfter = Math.Ceiling(retryAfter).ToString(CultureInfo.InvariantCulture);
        return JsonAnswer.WriteAsync(context, new JsonObject { ["message"] = "You are being rate limited.", ["retry_after"] = retryAfter, ["global"] = false }, status);
    }

    private static void Check(JsonObject message)
    {
        Limit("content", message["content"], 2000);
        var embeds = message["embeds"]?.AsArray() ?? [];
        var total = 0;
        Require(embeds.Count <= 10, "at most 10 embeds");
        Require(embeds.Count > 0 || message["content"] is not null, "Cannot send an empty message");
        Require(message["allowed_mentions"]?["parse"] is JsonArray { Count: 0 }, "allowed_mentions.parse must be empty: commit messages may mention everyone");
        foreach (var embed in embeds.Select(embed => embed!.AsObject()))
        {
            total += Limit("title", embed["title"], 256) + Limit("description", embed["description"], 4096) + Limit("footer", embed["footer"]?["text"], 2048);
            var fields = embed["fields"]?.AsArray() ?? [];
            Require(fields.Count <= 25, "at most 25 fields");
            total += fields.Sum(field => Limit("name", field!["name"], 256, isRequired: true) + Limit("value", field["value"], 1024, isRequired: true));
        }

        Require(total <= MaxEmbedText, "Embed size exceeds maximum size of 6000");
    }

    private static int Limit(string name, JsonNode? text, int most, bool isRequired = false)
    {
        var length = ((string?)text)?.Length ?? 0;
        Require(length <= most && (!isRequired || length > 0), $"{name}: Must be between {(isRequired ? 1 : 0)} and {most} in length.");
        return length;
    }

    private static void Require(bool isMet, string message)
    {
        if (!isMet)
        {
            throw RefusedException.Malformed(message);
        }
    }
}
