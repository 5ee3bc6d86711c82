namespace MacRunners.Hosting;

/// <summary>A cluster token that came by the daemon's environment: the same until the daemon ends.</summary>
internal sealed class FixedAgentToken(string token, TimeProvider time) : IAgentToken
{
    private readonly DateTimeOffset _readAt = time.GetUtcNow();

    /// <inheritdoc/>
    public TimeSpan? Age => time.GetUtcNow() - _readAt;

    /// <inheritdoc/>
    public string Current() => token;
}
