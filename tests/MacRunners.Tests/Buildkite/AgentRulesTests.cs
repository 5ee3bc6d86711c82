using MacRunners.Buildkite;

namespace MacRunners.Tests.Buildkite;

public sealed class AgentRulesTests
{
    private static readonly TagSet Machine = TagSet.Parse(
        "mac", queueIsDefault: false, ["os=macos", "xcode=15.4", "xcode=16.0", "empty=", "path=a=b", "star=*"]);

    [Theory]
    [InlineData("")]
    [InlineData("os=macos")]
    [InlineData("os=macos xcode=15.4")]
    [InlineData("xcode=15.4 xcode=16.0")]
    [InlineData("os=*")]
    [InlineData("os=")]
    [InlineData("os")]
    [InlineData("empty=*")]
    [InlineData("empty=")]
    [InlineData("path=a=b")]
    [InlineData("star=*")]
    [InlineData("queue=mac")]
    [InlineData("queue=*")]
    [InlineData("queue=mac os=macos xcode=*")]
    public void These_rules_match(string rules) => Assert.True(AgentRules.Match(Split(rules), Machine));

    [Theory]
    [InlineData("os=linux", "os=linux")]
    [InlineData("os=MacOS", "os=MacOS")]
    [InlineData("OS=macos", "OS=macos")]
    [InlineData("os=macos xcode=14", "xcode=14")]
    [InlineData("xcode=15.4 xcode=15.3", "xcode=15.3")]
    [InlineData("gpu=*", "gpu=*")]
    [InlineData("gpu=", "gpu=")]
    [InlineData("gpu", "gpu")]
    [InlineData("os=mac*", "os=mac*")]
    [InlineData("os=**", "os=**")]
    [InlineData("star=x", "star=x")]
    [InlineData("path=a", "path=a")]
    [InlineData("=macos", "=macos")]
    [InlineData("=", "=")]
    [InlineData("queue=other", "queue=other")]
    [InlineData("queue=mac queue=other", "queue=other")]
    [InlineData("queue=__default__", "queue=__default__")]
    public void These_rules_do_not_match_and_the_first_to_fail_is_named(string rules, string unmatched)
    {
        Assert.False(AgentRules.Match(Split(rules), Machine));
        Assert.Equal(unmatched, AgentRules.FirstUnmatched(Split(rules), Machine));
    }

    [Fact]
    public void An_empty_rule_matches_no_machine() => Assert.False(AgentRules.Match([""], Machine));

    [Theory]
    [InlineData("queue=mac", true)]
    [InlineData("queue=__default__", true)]
    [InlineData("queue=_default", true)]
    [InlineData("queue=other", false)]
    [InlineData("", true)]
    public void The_default_queue_is_also_known_by_its_placeholders(string rules, bool match) =>
        Assert.Equal(match, AgentRules.Match(Split(rules), TagSet.Parse("mac", queueIsDefault: true, [])));

    [Fact]
    public void More_rules_never_match_more_machines_and_more_tags_never_fewer_rules()
    {
        var random = new Random(20261124);
        string[] keys = ["a", "b", "queue"];
        string[] values = ["1", "2", "*", "", "mac"];
        for (var round = 0; round < 5000; round++)
        {
            var tags = Some(random, 4, () => $"{keys[random.Next(2)]}={values[random.Next(values.Length)]}");
            var rules = Some(random, 4, () => $"{keys[random.Next(3)]}={values[random.Next(values.Length)]}");
            var match = AgentRules.Match(rules, TagSet.Parse("mac", false, tags));

            Assert.Equal(match, rules.All(rule => AgentRules.Match([rule], TagSet.Parse("mac", false, tags))));
            Assert.Equal(match, AgentRules.Match(rules.AsEnumerable().Reverse(), TagSet.Parse("mac", false, tags.AsEnumerable().Reverse())));
            Assert.True(!match || AgentRules.Match(rules, TagSet.Parse("mac", false, [.. tags, "a=9"])));
            Assert.True(AgentRules.Match(tags, TagSet.Parse("mac", false, tags)));
            Assert.False(AgentRules.Match([.. rules, "c=1"], TagSet.Parse("mac", false, tags)));
        }
    }

    [Fact]
    public void All_faulty_tags_are_reported_at_once()
    {
        Assert.False(TagSet.TryParse("mac", false, ["os=macos", "nothing", "=x", " ", "a=b,c", "queue=other"], out var set, out var faults));
        Assert.Null(set);
        Assert.Equal(5, faults.Count);
        Assert.Contains("queue=other", Assert.Throws<FormatException>(() => TagSet.Parse("mac", false, ["queue=other"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tags_for_the_agent_begin_with_the_queue_and_repeat_nothing() =>
        Assert.Equal(
            ["queue=mac", "os=macos", "xcode=16.0"], TagSet.Parse("mac", false, ["os=macos", " xcode=16.0 ", "os=macos", "queue=mac"]).Tags);

    private static string[] Split(string rules) => rules.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static List<string> Some(Random random, int most, Func<string> make) =>
        [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => make())];
}
