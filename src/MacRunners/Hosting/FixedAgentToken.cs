namespace MacRunners.Hosting;

/// <summary>A cluster token that came by the daemon's environment: the same until the daemon ends.</summary>
internal sealed class FixedAgentToken(string token, TimeProvider time) : IAgentToken
{
    private readonly long _readAt = time.GetTimestamp();

    /// <inheritdoc/>
    public TimeSpan? Age => time.GetElapsedTime(_readAt);

    /// <inheritdoc/>
    public string Current() => token;
}
