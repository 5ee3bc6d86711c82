namespace MacRunners.Buildkite;

/// <summary>
/// Outcome of a reservation. Every job asked for is in exactly one list; one the service said nothing clear about counts as not reserved.
/// </summary>
/// <param name="Reserved">Jobs that are ours until the expiry.</param>
/// <param name="NotReserved">Jobs that are not.</param>
public sealed record Reservation(IReadOnlyList<Guid> Reserved, IReadOnlyList<Guid> NotReserved);
