namespace MacRunners.Hosting;

/// <summary>Where there is no cluster token, or none is needed.</summary>
internal sealed class NoAgentToken : IAgentToken
{
    /// <inheritdoc/>
    public TimeSpan? Age => null;

    /// <inheritdoc/>
    public string Current() => throw new AgentTokenException($"there is no cluster token: neither Buildkite:TokenFile nor {Configuration.AgentTokenVariable.Name} names one");
}
