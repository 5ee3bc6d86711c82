namespace MacRunners.Buildkite;

/// <summary>
/// Outcome of issuing tokens. Every job asked for is in exactly one list; one the service said nothing clear about counts as not issued.
/// </summary>
/// <param name="Issued">The tokens.</param>
/// <param name="NotIssued">Jobs without a token: they must not be started.</param>
public sealed record AcquisitionTokens(IReadOnlyList<AcquisitionToken> Issued, IReadOnlyList<Guid> NotIssued);
