namespace MacRunners.Buildkite;

/// <summary>What the service says about the agent token. Every part may be missing: the route has no compatibility promise.</summary>
/// <param name="Id">Id of the token (not the token).</param>
/// <param name="Description">The note people gave it.</param>
/// <param name="TokenType">Kind of token.</param>
/// <param name="OrganizationSlug">Slug of the organisation.</param>
/// <param name="OrganizationId">Id of the organisation.</param>
/// <param name="ClusterId">Id of the cluster; empty for an unclustered token, with which the Stacks API cannot be used.</param>
/// <param name="ClusterName">Name of the cluster.</param>
/// <param name="QueueId">Id of the only queue the token may be used for, if limited.</param>
/// <param name="QueueKey">Key of that queue.</param>
public sealed record TokenInfo(
    string? Id,
    string? Description,
    string? TokenType,
    string? OrganizationSlug,
    string? OrganizationId,
    string? ClusterId,
    string? ClusterName,
    string? QueueId,
    string? QueueKey);
