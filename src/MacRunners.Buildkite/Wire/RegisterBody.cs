namespace MacRunners.Buildkite;

/// <summary>Request of <c>POST stacks/register</c>.</summary>
internal sealed record RegisterBody(string Key, string Type, string QueueKey, IReadOnlyDictionary<string, string> Metadata);
