namespace MacRunners.Buildkite;

/// <summary>Answer of <c>GET …/jobs/{job}</c>.</summary>
internal sealed record JobBody(Dictionary<string, string?> Env, string? Command = null)
{
    public JobDetail ToDetail() => new(Env.ToDictionary(pair => pair.Key, pair => pair.Value ?? ""), Command ?? "");
}
