using System.Net;
using System.Text.Json;

namespace MacRunners.Buildkite;

/// <summary>Turns whatever can go wrong with one attempt into a <see cref="BuildkiteApiException"/>.</summary>
internal sealed class ApiFailure(Uri endpoint)
{
    private readonly string _where = $"at {endpoint.GetLeftPart(UriPartial.Path)}";

    /// <summary>The service answered, but not with a success.</summary>
    public BuildkiteApiException Refused(ApiOperation operation, HttpResponseMessage response, Stream body, ServerAdvice advice, string token)
    {
        var status = response.StatusCode;
        var kind = KindOf(status);
        var said = ServerMessage(body) is { } text ? OperatorText.Clean(text, token) : null;
        var words = string.IsNullOrEmpty(said) ? status.ToString() : said;
        var message = $"{operation.Sentence()} failed {_where}: {(int)status} {words.TrimEnd('.')}. {Remedy(kind, operation, status)}";
        return new BuildkiteApiException(kind, operation, message)
        {
            StatusCode = status,
            RetryAfter = advice.RetryAfter,
            ServerMessage = string.IsNullOrEmpty(said) ? null : said,
            MayHaveReachedServer = kind == ApiErrorKind.Unavailable,
        };
    }

    /// <summary>The connection failed before or while the answer came.</summary>
    public BuildkiteApiException Unreachable(ApiOperation operation, Exception cause)
    {
        var neverSent = (cause as HttpRequestException)?.HttpRequestError is HttpRequestError.NameResolutionError
            or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;
        var reason = (cause.InnerException ?? cause).Message.TrimEnd('.');
        return new BuildkiteApiException(
            ApiErrorKind.Network,
            operation,
            $"{operation.Sentence()} failed {_where}: {reason}. Check the network, the name service, the clock and Buildkite:Endpoint if it lasts.",
            cause)
        {
            MayHaveReachedServer = !neverSent,
        };
    }

    /// <summary>The time limit passed.</summary>
    public BuildkiteApiException TooSlow(ApiOperation operation, TimeSpan limit, Exception cause) =>
        new(
            ApiErrorKind.TimedOut,
            operation,
            $"{operation.Sentence()} failed {_where}: no complete answer within {limit.TotalSeconds:0.###} s. Check the network if it lasts.",
            cause)
        {
            MayHaveReachedServer = true,
        };

    /// <summary>A success whose content cannot be used.</summary>
    public BuildkiteApiException Malformed(ApiOperation operation, HttpStatusCode? status, string what, Exception? cause = null) =>
        new(
            ApiErrorKind.Malformed,
            operation,
            $"{operation.Sentence()} failed {_where}: {what}. Check that Buildkite:Endpoint leads to Buildkite's agent API and not to a proxy's page.",
            cause)
        {
            StatusCode = status,
            MayHaveReachedServer = true,
        };

    /// <summary>The circuit breaker lets nothing through.</summary>
    public BuildkiteApiException BreakerOpen(ApiOperation operation, TimeSpan? wait, Exception cause) =>
        new(
            ApiErrorKind.Unavailable,
            operation,
            $"{operation.Sentence()} was not tried {_where}: too many calls failed shortly before. It is tried again by itself.",
            cause)
        {
            RetryAfter = wait,
        };

    /// <summary>The service takes no such call for longer than a call may wait.</summary>
    public BuildkiteApiException Closed(ApiOperation operation, TimeSpan wait) =>
        new(
            ApiErrorKind.RateLimited,
            operation,
            $"{operation.Sentence()} was not tried {_where}: the service asked for no such call for another {wait.TotalSeconds:0.###} s.")
        {
            RetryAfter = wait,
        };

    /// <summary>There is no token that could be sent.</summary>
    public static BuildkiteApiException NoToken(ApiOperation operation) =>
        new(
            ApiErrorKind.Unauthorized,
            operation,
            $"{operation.Sentence()} was not tried: the agent token is empty or holds characters no token has. Check Buildkite:TokenFile.");

    private static ApiErrorKind KindOf(HttpStatusCode status) => (int)status switch
    {
        401 => ApiErrorKind.Unauthorized,
        403 => ApiErrorKind.Forbidden,
        404 => ApiErrorKind.NotFound,
        429 => ApiErrorKind.RateLimited,
        >= 500 => ApiErrorKind.Unavailable,
        _ => ApiErrorKind.Invalid,
    };

    private static string Remedy(ApiErrorKind kind, ApiOperation operation, HttpStatusCode status) => kind switch
    {
        ApiErrorKind.Unauthorized =>
            "The agent token was refused: check that it is a cluster's agent token, has not expired and may be used from this machine's address.",
        ApiErrorKind.Forbidden when operation == ApiOperation.Register =>
            "The organisation's quota of stacks may be used up (remove stacks that are gone, or have the quota raised), or the token lacks a permission.",
        ApiErrorKind.Forbidden => "The token lacks a permission: use one that may do this.",
        ApiErrorKind.NotFound => "The stack, queue or job does not exist, or belongs to another cluster than the token.",
        ApiErrorKind.RateLimited => "Too many calls were made; waiting helps. If it lasts, check that no other daemon uses the same stack key.",
        ApiErrorKind.Unavailable => "The service has a problem; see Buildkite's status page if it lasts.",
        _ when (int)status is >= 300 and < 400 => "Redirects are not followed, as the token must not go elsewhere: set Buildkite:Endpoint to the final address.",
        _ => "The service rejected the request as it is; repeating it will not help.",
    };

    private static string? ServerMessage(Stream body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, StacksJson.Default.ErrorBody)?.Message;
        }
        catch (JsonException)
        {
            // A proxy's page in place of the service's JSON: the status says all there is to know.
            return null;
        }
    }
}
