namespace MacRunners.Agent;

/// <summary>What an agent registers at Buildkite with.</summary>
internal abstract record AgentCredential
{
    /// <summary>A token that is good for the agent's one job. Its theft gains the job nothing, so it travels in the agent's environment.</summary>
    /// <param name="Token">The secret.</param>
    public sealed record Acquisition(string Token) : AgentCredential
    {
        /// <summary>Never the secret: records print all their members otherwise, and this one could end in a log.</summary>
        /// <returns>A text without the token.</returns>
        public override string ToString() => "an acquisition token";
    }

    /// <summary>Nothing: it does not register.</summary>
    public sealed record None : AgentCredential;

    /// <summary>The daemon's own agent token, which could take other jobs: it goes through a <see cref="TokenPipe"/> only.</summary>
    public sealed record AgentToken : AgentCredential;
}

/// <summary>There is nothing an agent of this job may register with; the message says why and never contains a token.</summary>
internal sealed class NoCredentialException(string message, Exception? inner = null) : Exception(message, inner);
