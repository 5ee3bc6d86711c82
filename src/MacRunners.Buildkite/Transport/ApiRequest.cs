using System.Net;

namespace MacRunners.Buildkite;

/// <summary>A call, described so that it can be sent several times.</summary>
/// <param name="Operation">What it does.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Escaped path and query below the endpoint.</param>
/// <param name="Policy">How stubbornly it is made.</param>
internal sealed record ApiRequest(ApiOperation Operation, HttpMethod Method, string Path, CallPolicy Policy)
{
    /// <summary>JSON to send; null for none.</summary>
    public byte[]? Body { get; init; }

    /// <summary>
    /// Refusal with which the service answers a call that it has carried out before. Once an attempt of ours may have arrived, this
    /// status is taken for that attempt's lost "yes".
    /// </summary>
    public HttpStatusCode? DoneBefore { get; init; }
}
