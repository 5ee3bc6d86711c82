namespace MacRunners.Buildkite;

/// <summary>Request of <c>PUT …/scheduled-jobs/batch-reserve</c>. The expiry is always sent: sources differ on the default.</summary>
internal sealed record ReserveBody(string[] JobUuids, int ReservationExpirySeconds);
