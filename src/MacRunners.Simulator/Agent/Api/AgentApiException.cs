using System.Net;

namespace MacRunners.Simulator.Agent.Api;

/// <summary>A call that got no answer (no status) or an unwelcome one.</summary>
internal sealed class AgentApiException(string message, HttpStatusCode? status = null, string? retryAfter = null, Exception? inner = null)
    : Exception(message, inner)
{
    public HttpStatusCode? Status { get; } = status;

    /// <summary>The header as it came.</summary>
    public string? RetryAfter { get; } = retryAfter;

    /// <summary>The server may answer otherwise another time.</summary>
    public bool Retryable => Status is null or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    public bool IsClientError => (int?)Status is >= 400 and <= 499;
}
