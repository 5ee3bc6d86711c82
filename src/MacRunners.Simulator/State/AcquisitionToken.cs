namespace MacRunners.Simulator.State;

/// <summary>A credential that registers one agent, once, for one job of one stack.</summary>
internal sealed class AcquisitionToken(string jobId, string stackKey, string clusterToken, DateTimeOffset expiresAt)
{
    public string JobId { get; } = jobId;

    public string StackKey { get; } = stackKey;

    /// <summary>The agent token it was derived from.</summary>
    public string ClusterToken { get; } = clusterToken;

    public DateTimeOffset ExpiresAt { get; } = expiresAt;

    public bool Used { get; set; }
}
