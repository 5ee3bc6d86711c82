namespace MacRunners.Buildkite;

/// <summary>Why some notifications were not stored.</summary>
/// <param name="Error">The service's reason.</param>
/// <param name="Indexes">Positions (from 0) in the list that was sent.</param>
public sealed record NotificationError(string Error, IReadOnlyList<int> Indexes);
