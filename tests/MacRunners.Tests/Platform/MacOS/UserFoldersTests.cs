using MacRunners.Platform;
using MacRunners.Platform.MacOS;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace MacRunners.Tests.Platform.MacOS;

public class UserFoldersTests
{
    [Theory]
    [InlineData("FFFFEEEE-DDDD-CCCC-BBBB-AAAA00000000", 0, "zz/zyxvpxvq6csfxvn_n0000000000000")]
    [InlineData("FFFFEEEE-DDDD-CCCC-BBBB-AAAA000001F5", 501, "zz/zyxvpxvq6csfxvn_n00001ym0000gn")]
    [InlineData("6D1A2F3C-7B5E-4D10-9C44-0123456789AB", 7001, "dm/d2yg3vbs6j172404jm_sw9nc0006ts")]
    public void The_name_is_the_systems_own(string uuid, uint uid, string expected) => Assert.Equal(expected, UserFolders.For(Guid.Parse(uuid), uid));

    [Theory]
    [InlineData(0, "FFFFEEEE-DDDD-CCCC-BBBB-AAAA00000000")]
    [InlineData(501, "FFFFEEEE-DDDD-CCCC-BBBB-AAAA000001F5")]
    public void Without_a_record_the_system_makes_a_uuid_up(uint uid, string expected) => Assert.Equal(Guid.Parse(expected), UserFolders.WithoutRecord(uid));

    [Fact]
    public void Both_candidates_are_named_below_the_root()
    {
        var domains = new MacUserDomains(Substitute.For<ITool>(), "/mac", NullLogger<MacUserDomains>.Instance);

        Assert.Equal(
            ["/mac/private/var/folders/dm/d2yg3vbs6j172404jm_sw9nc0000gn", "/mac/private/var/folders/zz/zyxvpxvq6csfxvn_n00001ym0000gn"],
            domains.PrivateFolders(501, Guid.Parse("6D1A2F3C-7B5E-4D10-9C44-0123456789AB")));
        Assert.Single(domains.PrivateFolders(501, null));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(36)]
    [InlineData(112)]
    [InlineData(124)]
    [InlineData(125)]
    public async Task Whatever_bootout_answers_is_ignored(int exitCode)
    {
        var tool = Substitute.For<ITool>();
        tool.RunAsync("/mac/bin/launchctl", Arg.Is<IReadOnlyList<string>>(arguments => string.Join(' ', arguments) == "bootout user/700001"), Arg.Any<TimeSpan>(), Arg.Any<CancellationToken>())
            .Returns(_ => new ToolResult(exitCode, "", $"Boot-out failed: {exitCode}"), _ => throw new ToolException("did not end"));
        var domains = new MacUserDomains(tool, "/mac", NullLogger<MacUserDomains>.Instance);

        await domains.EndAsync(700001, TestContext.Current.CancellationToken);
        await domains.EndAsync(700001, TestContext.Current.CancellationToken);

        Assert.Equal(2, tool.ReceivedCalls().Count());
    }
}
