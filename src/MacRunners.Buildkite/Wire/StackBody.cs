namespace MacRunners.Buildkite;

/// <summary>Answer of <c>POST stacks/register</c>.</summary>
internal sealed record StackBody(
    string Key,
    string ClusterQueueKey,
    string? Id = null,
    string? OrganizationUuid = null,
    string? Type = null,
    Dictionary<string, string?>? Metadata = null,
    string? LastConnectedOn = null,
    string? State = null)
{
    public Stack ToStack() => new(
        Id,
        OrganizationUuid,
        Key,
        Type,
        ClusterQueueKey,
        (Metadata ?? []).ToDictionary(pair => pair.Key, pair => pair.Value ?? ""),
        WireText.Timestamp(LastConnectedOn),
        State);
}
