using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MacRunners.Buildkite;

/// <summary>Sends a request once and reads the answer, within one time limit for both.</summary>
internal sealed class HttpAttempt(
    HttpClient client, BuildkiteClientOptions options, ApiFailure failure, RateLimitGate gate, TimeProvider time, IApiObserver? observer)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>Makes the attempt and reports it to the observer.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="token">Agent token to send it with.</param>
    /// <param name="answer">How to read the answer; null if its content does not matter.</param>
    /// <param name="limit">Time limit.</param>
    /// <param name="cancellation">The caller's wish to stop.</param>
    /// <returns>The answer; default if <paramref name="answer"/> is null.</returns>
    public async Task<T?> SendAsync<T>(
        ApiRequest request, string token, JsonTypeInfo<T>? answer, TimeSpan limit, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        try
        {
            var (status, content) = await ExchangeAsync(request, token, answer, limit, cancellation);
            observer?.Completed(new ApiAttempt(request.Operation, status, null, time.GetElapsedTime(started)));
            return content;
        }
        catch (BuildkiteApiException e)
        {
            observer?.Completed(new ApiAttempt(request.Operation, e.StatusCode, e.Kind, time.GetElapsedTime(started)));
            throw;
        }
    }

    private async Task<(HttpStatusCode Status, T? Content)> ExchangeAsync<T>(
        ApiRequest request, string token, JsonTypeInfo<T>? answer, TimeSpan limit, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        using var message = Compose(request, token);
        try
        {
            // Reads the whole answer, up to the client's limit of size.
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseContentRead, either.Token);
            var advice = ServerAdvice.From(response, time.GetUtcNow());
            gate.Learn(request.Operation, advice);
            var body = await response.Content.ReadAsStreamAsync(either.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw failure.Refused(request.Operation, response, body, advice, token);
            }

            return (response.StatusCode, answer is null ? default : Read(request.Operation, response.StatusCode, body, answer));
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw failure.TooSlow(request.Operation, limit, e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw failure.Malformed(request.Operation, null, $"the answer is larger than {options.MaxResponseBytes} bytes", e);
        }
        catch (InvalidDataException e)
        {
            throw failure.Malformed(request.Operation, null, "the answer cannot be decompressed", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw failure.Unreachable(request.Operation, e);
        }
    }

    private HttpRequestMessage Compose(ApiRequest request, string token)
    {
        var message = new HttpRequestMessage(request.Method, ApiPath.Join(options.Endpoint, request.Path));
        message.Headers.Authorization = new AuthenticationHeaderValue("Token", token);
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        message.Headers.TryAddWithoutValidation("User-Agent", options.UserAgent);
        if (request.Body is { } body)
        {
            message.Content = new ByteArrayContent(body) { Headers = { ContentType = Json } };
        }

        return message;
    }

    private T Read<T>(ApiOperation operation, HttpStatusCode status, Stream body, JsonTypeInfo<T> answer)
    {
        try
        {
            return JsonSerializer.Deserialize(body, answer)
                ?? throw failure.Malformed(operation, status, "the answer is null where an object was expected");
        }
        catch (JsonException e)
        {
            // The path alone: the exception's own message may quote the content, and keys of the content are part even of the path.
            throw failure.Malformed(operation, status, $"the answer is not the JSON the protocol promises (at {OperatorText.Clean(e.Path ?? "$")})", e);
        }
    }
}
