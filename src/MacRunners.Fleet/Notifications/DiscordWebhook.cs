using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MacRunners.Fleet.Notifications;

/// <summary>Sends to a Discord webhook. Its address is the credential: it is never shown.</summary>
internal sealed class DiscordWebhook : IDisposable
{
    private static readonly string[] DiscordHosts = ["discord.com", "discordapp.com"];
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(15);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = CallLimit };
    private readonly Uri _address;
    private readonly TimeProvider _time;

    private DiscordWebhook(Uri address, TimeProvider time)
    {
        _address = address;
        _time = time;
    }

    /// <summary>Checks the address.</summary>
    /// <param name="address">Address of the webhook.</param>
    /// <param name="testHost">A <c>host:port</c> on this machine that is allowed as well, by plain HTTP; null for none.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ArgumentException">It is not the address of a webhook.</exception>
    public static DiscordWebhook Create(string address, string? testHost, TimeProvider time)
    {
        var isAddress = Uri.TryCreate(address.Trim(), UriKind.Absolute, out var uri);
        var isTest = isAddress && testHost is not null && uri!.Authority == testHost && uri.IsLoopback;
        var isDiscord = isAddress && uri is { Scheme: "https", IsDefaultPort: true } && DiscordHosts.Contains(uri.Host);
        return (isTest || isDiscord) && uri!.AbsolutePath.StartsWith("/api/webhooks/", StringComparison.Ordinal)
            ? new DiscordWebhook(new Uri(uri.GetLeftPart(UriPartial.Path) + "?wait=true"), time)
            : throw new ArgumentException("DISCORD_WEBHOOK_URL is not the address of a Discord webhook: https://discord.com/api/webhooks/ID/TOKEN");
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Sends a message, again when the service says so, for a minute at most.</summary>
    /// <returns>Null when it was sent, else why not.</returns>
    public async Task<string?> SendAsync(JsonObject message, CancellationToken cancellation)
    {
        var body = message.ToJsonString();
        var start = _time.GetTimestamp();
        var wait = TimeSpan.FromSeconds(1);
        while (true)
        {
            var (reason, advice) = await TryAsync(body, cancellation);
            if (reason is null || advice == Timeout.InfiniteTimeSpan)
            {
                return reason;
            }

            var next = advice ?? wait;
            if (_time.GetElapsedTime(start) + next > Budget)
            {
                return reason;
            }

            await Task.Delay(next, _time, cancellation);
            wait *= 2;
        }
    }

    /// <summary>One attempt: why it failed, and when to try again: never (infinite), after a time that was named, or soon (null).</summary>
    private async Task<(string? Reason, TimeSpan? Again)> TryAsync(string body, CancellationToken cancellation)
    {
        try
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await _http.PostAsync(_address, content, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            var reason = string.Create(CultureInfo.InvariantCulture, $"Discord answers {(int)response.StatusCode}: {ImageMessage.Cut(text, 200)}");
            return response.StatusCode switch
            {
                < HttpStatusCode.MultipleChoices => (null, null),
                HttpStatusCode.TooManyRequests => (reason, RetryAfter(response, text)),
                >= HttpStatusCode.InternalServerError => (reason, null),
                HttpStatusCode.NotFound => ("Discord does not know this webhook: make a new one and set DISCORD_WEBHOOK_URL", Timeout.InfiniteTimeSpan),
                _ => (reason, Timeout.InfiniteTimeSpan),
            };
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return ($"Discord cannot be reached: {e.GetType().Name}", null);
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, string text)
    {
        try
        {
            return TimeSpan.FromSeconds(JsonSerializer.Deserialize<JsonElement>(text).GetProperty("retry_after").GetDouble());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or OverflowException)
        {
            return response.Headers.RetryAfter?.Delta;
        }
    }
}
