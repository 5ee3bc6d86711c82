using MacRunners.Isolation;
using MacRunners.Teardown;
using MacRunners.Telemetry;

namespace MacRunners.Tests.Isolation;

public sealed class AttackJudgeTests
{
    private static readonly Attack Tried = Attack.Parse("one", """
        #!/bin/bash
        # title: One
        # case: 1
        # tries: x
        # holds: x
        # refuses: first second third?
        # leaves: processes
        # reports: of the other
        """);

    private static readonly Residue[] Found = [new(ResidueKind.Process, "pid 1 (x)"), new(ResidueKind.File, "/tmp/x of the other")];

    [Fact]
    public void All_is_well_when_everything_was_refused_and_found() =>
        Assert.Empty(AttackJudge.Failures(Tried, ["refused first", "refused second", "whatever"], 0, Found));

    [Fact]
    public void An_attempt_that_succeeded_is_a_failure_even_if_the_script_was_cut_off() =>
        Assert.Equal(["it succeeded: third: cat /etc/shadow"], AttackJudge.Failures(Tried with { IsCutOff = true }, ["BREACH third: cat /etc/shadow"], null, Found));

    [Fact]
    public void An_attempt_that_is_not_reported_is_a_failure() =>
        Assert.Contains("'second'", Assert.Single(AttackJudge.Failures(Tried, ["refused first", "refused secondary"], 0, Found)), StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public void A_script_that_did_not_reach_its_end_is_a_failure(int? exitCode) =>
        Assert.Contains("last words", Assert.Single(AttackJudge.Failures(Tried, ["refused first", "refused second", "last words"], exitCode, Found)), StringComparison.Ordinal);

    [Fact]
    public void An_attack_that_left_nothing_to_tear_down_did_not_take_place() =>
        Assert.Contains("no Process", Assert.Single(AttackJudge.Failures(Tried, ["refused first", "refused second"], 0, Found[1..])), StringComparison.Ordinal);

    [Fact]
    public void What_had_to_be_reported_and_was_not_is_a_failure() =>
        Assert.Contains("'of the other'", Assert.Single(AttackJudge.Failures(Tried, ["refused first", "refused second"], 0, Found[..1])), StringComparison.Ordinal);

    [Fact]
    public void A_script_says_by_itself_why_it_could_not_try()
    {
        Assert.Equal("no loop devices", AttackJudge.SkipReason(["begins", "skip no loop devices"]));
        Assert.Null(AttackJudge.SkipReason(["skipped"]));
    }
}
