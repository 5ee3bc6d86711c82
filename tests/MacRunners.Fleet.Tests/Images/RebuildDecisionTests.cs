using MacRunners.Fleet.Images;

namespace MacRunners.Fleet.Tests.Images;

/// <summary>Whether an image is due.</summary>
public sealed class RebuildDecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 2, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("a young one, nothing changed", "bun-macos-15-20261123-2000-ab12cd3", "", false, false, "nothing changed")]
    [InlineData("forced", "bun-macos-15-20261123-2000-ab12cd3", "", true, true, "forced")]
    [InlineData("the first", null, "", false, true, "no promoted image")]
    [InlineData("only of another macOS", "bun-macos-14-20261123-2000-ab12cd3", "", false, true, "no promoted image")]
    [InlineData("old", "bun-macos-15-20261123-0200-ab12cd3", "", false, true, "24 h old")]
    [InlineData("just old enough", "bun-macos-15-20261123-0600-ab12cd3", "", false, true, "20 h old")]
    [InlineData("a minute too young", "bun-macos-15-20261123-0601-ab12cd3", "", false, false, "nothing changed")]
    [InlineData("an input changed", "bun-macos-15-20261123-2000-ab12cd3", "packaging/a", false, true, "packaging/a")]
    [InlineData("commit unknown", "bun-macos-15-20261123-2000-ab12cd3", null, false, true, "not in this clone")]
    [InlineData("clock a little behind", "bun-macos-15-20261124-0205-ab12cd3", "", false, false, "nothing changed")]
    [InlineData("clock far behind", "bun-macos-15-20261124-0500-ab12cd3", "", false, true, "in the future")]
    public void Decision(string why, string? newest, string? changed, bool forced, bool due, string reason)
    {
        var promoted = newest is null ? Array.Empty<ImageName>() : [ImageName.Parse(newest), ImageName.Parse("bun-macos-15-20250101-0000-ab12cd3")];
        promoted = newest?.Contains("macos-14", StringComparison.Ordinal) == true ? promoted[..1] : promoted;

        var decision = RebuildDecision.Make(15, promoted, Now, TimeSpan.FromHours(20), forced, _ => changed is null ? null : changed.Length == 0 ? [] : [changed]);

        Assert.True(due == decision.IsDue, why);
        Assert.Contains(reason, decision.Reason, StringComparison.Ordinal);
    }
}
