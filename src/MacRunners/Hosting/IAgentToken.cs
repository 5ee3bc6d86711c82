using MacRunners.Buildkite;
using MacRunners.Telemetry;

namespace MacRunners.Hosting;

/// <summary>The cluster token.</summary>
internal interface IAgentToken : IAgentTokenSource, ITokenAge
{
    /// <summary>The token as it is now. Never cache it.</summary>
    /// <exception cref="AgentTokenException">There is none that can be used.</exception>
    string Current();

    /// <inheritdoc/>
    ValueTask<string> IAgentTokenSource.GetTokenAsync(CancellationToken cancellation) => ValueTask.FromResult(Current());
}

/// <summary>No usable cluster token; the message says why and never contains it.</summary>
internal sealed class AgentTokenException(string message, Exception? inner = null) : IOException(message, inner);
