namespace MacRunners.Buildkite;

/// <summary>Request of <c>POST …/jobs/get-states</c>.</summary>
internal sealed record JobIdsBody(string[] JobUuids);
