namespace MacRunners.Buildkite;

/// <summary>Answer to a call that failed.</summary>
internal sealed record ErrorBody(string? Message = null);
