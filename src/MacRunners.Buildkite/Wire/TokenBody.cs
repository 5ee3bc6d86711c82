namespace MacRunners.Buildkite;

/// <summary>Answer of <c>GET token</c>.</summary>
internal sealed record TokenBody(
    string? Uuid = null,
    string? Description = null,
    string? TokenType = null,
    string? OrganizationSlug = null,
    string? OrganizationUuid = null,
    string? ClusterUuid = null,
    string? ClusterName = null,
    string? OrganizationQueueUuid = null,
    string? OrganizationQueueKey = null)
{
    public TokenInfo ToInfo() => new(
        Uuid,
        Description,
        TokenType,
        OrganizationSlug,
        OrganizationUuid,
        ClusterUuid,
        ClusterName,
        OrganizationQueueUuid,
        OrganizationQueueKey);
}
