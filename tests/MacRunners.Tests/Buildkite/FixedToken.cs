using MacRunners.Buildkite;

namespace MacRunners.Tests.Buildkite;

/// <summary>An agent token that never changes.</summary>
internal sealed class FixedToken : IAgentTokenSource
{
    public ValueTask<string> GetTokenAsync(CancellationToken cancellation) => ValueTask.FromResult("bkct_fixed");
}
