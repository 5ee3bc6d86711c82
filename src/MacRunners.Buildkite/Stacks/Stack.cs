namespace MacRunners.Buildkite;

/// <summary>A registered stack.</summary>
/// <param name="Id">Id given by the service; null if it gave none.</param>
/// <param name="OrganizationId">Id of the organisation; null if not told.</param>
/// <param name="Key">Key under which it registered.</param>
/// <param name="Type">Kind of stack, <c>custom</c> for ours.</param>
/// <param name="ClusterQueueKey">Real key of the queue, also when the placeholder for the default queue was sent.</param>
/// <param name="Metadata">Metadata as stored.</param>
/// <param name="LastConnectedOn">When the stack was last seen; null before the first poll.</param>
/// <param name="State"><c>connected</c>, <c>disconnected</c> or <c>lost</c>, as sent; null if not told.</param>
public sealed record Stack(
    string? Id,
    string? OrganizationId,
    string Key,
    string? Type,
    string ClusterQueueKey,
    IReadOnlyDictionary<string, string> Metadata,
    DateTimeOffset? LastConnectedOn,
    string? State);
