namespace MacRunners.Buildkite;

/// <summary>Request of <c>POST …/job-acquisition-tokens</c>.</summary>
internal sealed record IssueTokensBody(string[] JobUuids, int TokenLifetimeSeconds);
