using MacRunners.Fleet.Images;

namespace MacRunners.Fleet.Tests.Images;

/// <summary>Names of images.</summary>
public sealed class ImageNameTests
{
    [Theory]
    [InlineData("bun-macos-15-20261124-0200-ab12cd3", "bun", 15)]
    [InlineData("bun-macos-15-20261124-020059-ab12cd3", "bun", 15)]
    [InlineData("my-app-macos-26-20261124-2359-ab12cd3", "my-app", 26)]
    [InlineData("ghcr.io/acme/bun-macos-13:20261124-0200-ab12cd3", "bun", 13)]
    [InlineData("10.0.0.1:5000/acme/bun-macos-13:20261124-0200-ab12cd3", "bun", 13)]
    public void Ours_are_read_and_written_as_they_are(string text, string family, int macOs)
    {
        var name = ImageName.Parse(text);

        Assert.Equal((family, macOs, "ab12cd3"), (name.Family, name.MacOs, name.Commit));
        Assert.Equal(text, name.ToString());
        Assert.Equal(name.Template, ImageName.Parse(name.Template).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("base.img")]
    [InlineData("bun-macos-15")]
    [InlineData("bun-macos-15-20261324-0200-ab12cd3")]
    [InlineData("bun-macos-15-20261124-2460-ab12cd3")]
    [InlineData("bun-macos-15-20261124-020060-ab12cd3")]
    [InlineData("bun-macos-15-20261124-02000-ab12cd3")]
    [InlineData("bun-macos-15-20261124-0200-AB12CD3")]
    [InlineData("bun-macos-15-20261124-0200-ab12c")]
    [InlineData("bun-macos-15-20261124-0200-ab12cd3\n")]
    [InlineData("bun-macos-015-20261124-0200-ab12cd3")]
    [InlineData("bun-macos-15:20261124-0200-ab12cd3")]
    [InlineData("ghcr.io/acme/bun-macos-15-20261124-0200-ab12cd3")]
    [InlineData("ghcr.io/acme/bun-macos-15:latest")]
    [InlineData("a-family-with-a-very-long-name-macos-15-20261124-0200-ab12cd3")]
    [InlineData("../bun-macos-15-20261124-0200-ab12cd3")]
    public void Others_are_not(string text)
    {
        Assert.Null(ImageName.TryParse(text));
        Assert.Throws<FormatException>(() => ImageName.Parse(text));
    }

    [Fact]
    public void A_new_one_has_time_in_utc_and_seven_digits_of_the_commit() => Assert.Equal(
        "bun-macos-15-20261124-013059-0123456",
        ImageName.Create("bun", 15, new DateTimeOffset(2026, 11, 24, 2, 30, 59, TimeSpan.FromHours(1)), "0123456789abcdef").ToString());
}
