namespace MacRunners.Buildkite;

/// <summary>A credential with which one agent can register to run one job.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Token">The secret; opaque.</param>
/// <param name="ExpiresAt">When it ends, by the service's clock; null when not told. It ends sooner if the reservation does.</param>
public sealed record AcquisitionToken(Guid JobId, string Token, DateTimeOffset? ExpiresAt)
{
    /// <summary>Names the job, never the secret: records print all their members otherwise, and this one could end in a log.</summary>
    /// <returns>A text without the token.</returns>
    public override string ToString() => $"acquisition token of job {JobId}";
}
