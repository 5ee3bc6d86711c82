namespace MacRunners.Tests.Buildkite;

/// <summary>A request exactly as it came over the wire.</summary>
internal sealed record SeenRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Line => $"{Method} {Target}";
}
