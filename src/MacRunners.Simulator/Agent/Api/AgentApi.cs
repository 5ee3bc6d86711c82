using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MacRunners.Simulator.Agent.Api;

/// <summary>The Agent API as one token sees it. Registration, session and job token each get a client of their own.</summary>
internal sealed class AgentApi
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(60);
    private readonly HttpClient _http;
    private readonly bool _http2;

    public AgentApi(string endpoint, string token, bool http2)
        : this(NewClient(), endpoint, token, http2)
    {
    }

    private AgentApi(HttpClient http, string endpoint, string token, bool http2)
    {
        _http = http;
        _http2 = http2;
        Endpoint = endpoint;
        Token = token;
    }

    public string Endpoint { get; }

    public string Token { get; }

    public bool Http2 => _http2;

    /// <summary>The same server (unless it named another) with another token.</summary>
    public AgentApi With(string? token, string? endpoint = null) => new(
        _http, string.IsNullOrEmpty(endpoint) ? Endpoint : endpoint, string.IsNullOrEmpty(token) ? Token : token, _http2);

    public Task<RegisterResponse> RegisterAsync(RegisterRequest body, CancellationToken cancel) => CallAsync(
        HttpMethod.Post, "register", Json(body, AgentApiJson.Default.RegisterRequest), AgentApiJson.Default.RegisterResponse, null, cancel);

    public Task ConnectAsync(CancellationToken cancel) => CallAsync(HttpMethod.Post, "connect", null, null, cancel);

    public Task DisconnectAsync(CancellationToken cancel) => CallAsync(HttpMethod.Post, "disconnect", null, null, cancel);

    public Task<Heartbeat> HeartbeatAsync(DateTimeOffset now, CancellationToken cancel) => CallAsync(
        HttpMethod.Post, "heartbeat", Json(new Heartbeat(Timestamp(now)), AgentApiJson.Default.Heartbeat), AgentApiJson.Default.Heartbeat, null, cancel);

    public Task<AcquiredJob> AcquireAsync(string job, int attempt, TimeSpan timeLeft, CancellationToken cancel) => CallAsync(
        HttpMethod.Put, $"jobs/{Segment(job)}/acquire", null, AgentApiJson.Default.AcquiredJob, timeLeft, cancel,
        ("X-Buildkite-Lock-Acquire-Job", "1"), ("X-Buildkite-Backoff-Sequence", attempt.ToString(CultureInfo.InvariantCulture)));

    public Task StartAsync(string job, DateTimeOffset startedAt, CancellationToken cancel) => CallAsync(
        HttpMethod.Put, $"jobs/{Segment(job)}/start", Json(new StartRequest(Timestamp(startedAt)), AgentApiJson.Default.StartRequest), null, cancel);

    public Task<JobStateResponse> JobStateAsync(string job, CancellationToken cancel) => CallAsync(
        HttpMethod.Get, $"jobs/{Segment(job)}", null, AgentApiJson.Default.JobStateResponse, null, cancel);

    public Task FinishAsync(string job, FinishRequest body, TimeSpan timeLeft, CancellationToken cancel) => CallAsync(
        HttpMethod.Put, $"jobs/{Segment(job)}/finish", Json(body, AgentApiJson.Default.FinishRequest), timeLeft, cancel);

    public Task HeaderTimesAsync(string job, IReadOnlyDictionary<string, string> times, CancellationToken cancel) => CallAsync(
        HttpMethod.Post, $"jobs/{Segment(job)}/header_times",
        Json(new HeaderTimesRequest(times), AgentApiJson.Default.HeaderTimesRequest), null, cancel);

    public Task<DataExistsResponse> DataExistsAsync(string job, string key, CancellationToken cancel) => CallAsync(
        HttpMethod.Post, $"jobs/{Segment(job)}/data/exists", Json(new DataRequest(key), AgentApiJson.Default.DataRequest),
        AgentApiJson.Default.DataExistsResponse, null, cancel);

    public Task<DataRequest> DataGetAsync(string job, string key, CancellationToken cancel) => CallAsync(
        HttpMethod.Post, $"jobs/{Segment(job)}/data/get", Json(new DataRequest(key), AgentApiJson.Default.DataRequest),
        AgentApiJson.Default.DataRequest, null, cancel);

    public Task DataSetAsync(string job, string key, string value, CancellationToken cancel) => CallAsync(
        HttpMethod.Post, $"jobs/{Segment(job)}/data/set", Json(new DataRequest(key, value), AgentApiJson.Default.DataRequest), null, cancel);

    public Task<List<string>> DataKeysAsync(string job, CancellationToken cancel) => CallAsync(
        HttpMethod.Post, $"jobs/{Segment(job)}/data/keys", null, AgentApiJson.Default.ListString, null, cancel);

    /// <summary>Sends one piece of the log; offset and size count uncompressed bytes.</summary>
    public Task ChunkAsync(string job, long sequence, long offset, ReadOnlyMemory<byte> data, TimeSpan timeLeft, CancellationToken cancel)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(data.Span);
        }

        return CallAsync(
            HttpMethod.Post, $"jobs/{Segment(job)}/chunks?sequence={sequence}&offset={offset}&size={data.Length}",
            () =>
            {
                var content = new ByteArrayContent(compressed.ToArray());
                content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
                content.Headers.ContentEncoding.Add("gzip");
                return content;
            },
            timeLeft, cancel);
    }

    /// <summary>Times as the agent writes them: RFC 3339, UTC, with fractions.</summary>
    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static HttpClient NewClient()
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = CallLimit };
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", AgentVersion.UserAgent);
        return client;
    }

    /// <summary>Escaped for a path; the server takes a dot for the start of a format suffix.</summary>
    private static string Segment(string value) => Uri.EscapeDataString(value).Replace(".", "%2E", StringComparison.Ordinal);

    private static Func<HttpContent> Json<T>(T body, JsonTypeInfo<T> type) => () =>
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    };

    private async Task CallAsync(HttpMethod method, string path, Func<HttpContent>? body, TimeSpan? timeLeft, CancellationToken cancel)
    {
        using var response = await SendAsync(method, path, body, timeLeft, cancel);
    }

    private async Task<T> CallAsync<T>(
        HttpMethod method, string path, Func<HttpContent>? body, JsonTypeInfo<T> answer, TimeSpan? timeLeft, CancellationToken cancel,
        params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(method, path, body, timeLeft, cancel, headers);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancel);
            return await JsonSerializer.DeserializeAsync(stream, answer, cancel)
                ?? throw new JsonException("the answer is null");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or HttpRequestException)
        {
            throw new AgentApiException($"failed to decode JSON response: {e.Message}", response.StatusCode, inner: e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, Func<HttpContent>? body, TimeSpan? timeLeft, CancellationToken cancel,
        params (string Name, string Value)[] headers)
    {
        var url = $"{Endpoint.TrimEnd('/')}/{path}";
        using var request = new HttpRequestMessage(method, url)
        {
            Content = body?.Invoke(),
            Version = _http2 && url.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("Authorization", $"Token {Token}");
        if (timeLeft is { } left && left > TimeSpan.Zero)
        {
            request.Headers.TryAddWithoutValidation("Buildkite-Timeout-Milliseconds", ((long)left.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, cancel);
        }
        catch (HttpRequestException e)
        {
            throw new AgentApiException($"{Verb(method)} \"{url}\": {e.Message}", inner: e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new AgentApiException($"{Verb(method)} \"{url}\": no answer within {CallLimit.TotalSeconds:0} s", inner: e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await FailureAsync(method, url, response, cancel);
        }
    }

    private static async Task<AgentApiException> FailureAsync(HttpMethod method, string url, HttpResponseMessage response, CancellationToken cancel)
    {
        var message = $"{method} {url}: {(int)response.StatusCode} {response.ReasonPhrase}";
        try
        {
            var text = await response.Content.ReadAsByteArrayAsync(cancel);
            if (JsonSerializer.Deserialize(text, AgentApiJson.Default.ErrorResponse)?.Message is { Length: > 0 } detail)
            {
                message += $": {detail}";
            }
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            // The status says enough; a body in another shape adds nothing.
            message += " (no readable message)";
        }

        var retryAfter = response.Headers.TryGetValues("Retry-After", out var values) ? values.FirstOrDefault() : null;
        return new AgentApiException(message, response.StatusCode, retryAfter);
    }

    private static string Verb(HttpMethod method) => method == HttpMethod.Get ? "Get" : method == HttpMethod.Put ? "Put" : "Post";
}
