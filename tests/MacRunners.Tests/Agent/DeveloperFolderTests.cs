using MacRunners.Agent;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Agent;

public sealed class DeveloperFolderTests : IDisposable
{
    private readonly Scratch _scratch = new();

    private string[] Places => [_scratch["Xcode-{version}.app/Contents/Developer"], _scratch["Xcode_{version}.app/Contents/Developer"]];

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_first_promised_version_that_is_installed_is_the_jobs_default()
    {
        var installed = Directory.CreateDirectory(_scratch["Xcode_16.2.app/Contents/Developer"]).FullName;
        _ = Directory.CreateDirectory(_scratch["Xcode-15.4.app/Contents/Developer"]);

        Assert.Equal(installed, DeveloperFolder.For(["os=macos", "xcode=17.0", "xcode=16.2", "xcode=15.4"], Places));
    }

    [Theory]
    [InlineData("os=macos")]
    [InlineData("xcode=16.2")]
    [InlineData("xcode=")]
    [InlineData("xcode=../16.2")]
    public void Without_an_installed_version_there_is_none(string tag) => Assert.Null(DeveloperFolder.For([tag], Places));

    [Fact]
    public void A_version_cannot_lead_anywhere_else() => Assert.Empty(DeveloperFolder.PlacesOf("../../tmp/x", Places));
}
