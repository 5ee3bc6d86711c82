using MacRunners.Agent;

namespace MacRunners.Tests.Agent;

public class AgentVersionTests
{
    [Theory]
    [InlineData("buildkite-agent version 3.87.0, build 9266", "3.87.0", true)]
    [InlineData("buildkite-agent version 3.137.0+11500.abcdef (2026-08-11)\n", "3.137.0", true)]
    [InlineData("buildkite-agent version 4.0.0, build 1", "4.0.0", true)]
    [InlineData("buildkite-agent version 3.86.9, build 1", "3.86.9", false)]
    [InlineData("buildkite-agent version 2.6.10, build 1", "2.6.10", false)]
    [InlineData("buildkite-agent version 5.0.0, build 1", "5.0.0", false)]
    public void A_version_is_read_and_judged(string answer, string expected, bool supported)
    {
        var version = AgentVersion.Parse(answer);

        Assert.Equal(expected, version.ToString());
        Assert.Equal(supported, version!.Value.IsSupported);
    }

    [Theory]
    [InlineData("")]
    [InlineData("git version 2.39.5")]
    [InlineData("buildkite-agent version three")]
    [InlineData("buildkite-agent version 99999999999999999999.0.0")]
    [InlineData("warning: buildkite-agent version 3.87.0")]
    public void Anything_else_is_no_version(string answer) => Assert.Null(AgentVersion.Parse(answer));
}
