using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MacRunners.Health;

/// <summary>What a check last found.</summary>
/// <param name="Name">Name of the check.</param>
/// <param name="Status">Its verdict.</param>
/// <param name="Since">When it came to this verdict, whatever the details since.</param>
/// <param name="Detail">What it found, for people.</param>
/// <param name="Remedy">What to do; null when healthy.</param>
internal sealed record CheckState(string Name, HealthStatus Status, DateTimeOffset Since, string Detail, string? Remedy);
