using MacRunners.Platform;

namespace MacRunners.Tests.Platform;

public sealed class NumberedRulesTests
{
    private static readonly NumberedRules Rules = new(["block one port 22", "block two", "block three"]);
    private readonly List<string> _shown = [.. Rules.With("label")];

    [Fact]
    public void In_whatever_words_they_are_shown_their_labels_tell_them() =>
        Assert.Empty(Rules.Differences([.. _shown.Select(line => "another wording of " + line.Replace("port 22", "port = ssh", StringComparison.Ordinal))]));

    [Fact]
    public void A_missing_one_is_named()
    {
        _shown.RemoveAt(1);
        Assert.Equal(["missing: block two"], Rules.Differences(_shown));
    }

    [Fact]
    public void A_strange_one_is_named()
    {
        _shown.Insert(0, "pass all");
        Assert.Equal(["not ours: pass all"], Rules.Differences(_shown));
    }

    [Fact]
    public void Another_order_is_a_difference()
    {
        _shown.Reverse();
        Assert.Equal(["the rules are in another order"], Rules.Differences(_shown));
    }

    [Fact]
    public void One_that_is_there_twice_is_a_difference()
    {
        _shown.Add(_shown[0]);
        Assert.NotEmpty(Rules.Differences(_shown));
    }

    [Fact]
    public void Each_of_another_set_is_strange() =>
        Assert.Equal(6, Rules.Differences([.. new NumberedRules(["block one port 23", "block two", "block three"]).With("label")]).Count);
}
