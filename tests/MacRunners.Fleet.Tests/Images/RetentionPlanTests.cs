using MacRunners.Fleet.Images;
using MacRunners.Fleet.Orka;

namespace MacRunners.Fleet.Tests.Images;

/// <summary>What is removed.</summary>
public sealed class RetentionPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 2, 0, 0, TimeSpan.Zero);

    // Five promoted of macOS 15, the newest last.
    private static readonly string[] Promoted = [.. Enumerable.Range(1, 5).Select(day => Day(day))];

    [Fact]
    public void The_last_three_promoted_stay_and_older_ones_go()
    {
        var plan = Plan(Promoted);

        Assert.Equal(Promoted[..2], Deleted(plan));
    }

    [Fact]
    public void Each_macos_has_three_of_its_own()
    {
        string[] other = ["bun-macos-14-20261001-0000-ab12cd3", "bun-macos-14-20261002-0000-ab12cd3"];

        Assert.DoesNotContain(Deleted(Plan([.. Promoted, .. other])), other.Contains);
    }

    [Theory]
    [InlineData("in use")]
    [InlineData("pinned")]
    [InlineData("pinned by template")]
    public void What_is_in_use_or_pinned_stays(string reason)
    {
        var image = Promoted[0];
        var plan = reason switch
        {
            "in use" => Plan(Promoted, vms: [new OrkaVm("job", image, VmPhase.Running, null, null, null, null)]),
            "pinned" => Plan(Promoted, pinned: [image]),
            _ => Plan(Promoted, templates: [new VmConfig("debug", image, 3, null)]),
        };

        Assert.Equal([Promoted[1]], Deleted(plan));
        Assert.StartsWith(reason, plan.Single(entry => entry.Name == image).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("base.img")]
    [InlineData("bun-macos-15-20269999-0000-ab12cd3")]
    [InlineData("other-macos-15-20250101-0000-ab12cd3")]
    [InlineData("bun-macos-15-20261124-1200-ab12cd3")]
    [InlineData("bun-macos-15-20261123-0200-ab12cd3")]
    public void What_nobody_can_parse_others_own_from_the_future_or_young_stays(string image) => Assert.DoesNotContain(image, Deleted(Plan(Promoted, candidates: [image])));

    [Fact]
    public void An_old_candidate_goes_but_not_while_it_is_written()
    {
        const string Candidate = "bun-macos-15-20261115-0200-ab12cd3";

        Assert.Contains(Candidate, Deleted(Plan(Promoted, candidates: [Candidate])));
        Assert.DoesNotContain(Candidate, Deleted(Plan(Promoted, candidates: [Candidate], state: "Updating")));
        Assert.Contains(Candidate, Deleted(Plan(Promoted, candidates: [Candidate], state: "Failed")));
    }

    [Fact]
    public void Nothing_goes_while_a_vm_does_not_say_what_it_uses() =>
        Assert.Empty(Deleted(Plan(Promoted, vms: [new OrkaVm("job", "", VmPhase.Running, null, null, null, null)])));

    [Fact]
    public void No_candidate_goes_where_nothing_is_promoted() => Assert.Empty(Deleted(Plan([], candidates: Promoted)));

    [Fact]
    public void Fewer_than_three_are_never_left_whatever_is_asked_for() => Assert.Equal(2, Deleted(Plan(Promoted, keep: 1)).Count);

    [Theory]
    [InlineData("flake-20261123-190000-ab12cd-1", true)]
    [InlineData("flake-20261124-013000-ab12cd-1", false)]
    [InlineData("flake-20269923-190000-ab12cd-1", null)]
    [InlineData("flake-machine", null)]
    [InlineData("job-vm", null)]
    public void Only_vms_of_killed_tests_go(string name, bool? goes) =>
        Assert.Equal(goes, RetentionPlan.TestVms([new OrkaVm(name, "x", VmPhase.Running, null, null, null, null)], Now).SingleOrDefault()?.Delete);

    [Fact]
    public void Names_of_test_vms_are_recognised() =>
        Assert.True(RetentionPlan.TestVms([new OrkaVm(RetentionPlan.TestVmName(Now.AddDays(-1), "ab12cd", 12), "x", VmPhase.Running, null, null, null, null)], Now).Single().Delete);

    private static string Day(int day) => $"bun-macos-15-202611{day:00}-0200-ab12cd3";

    private static List<string> Deleted(IEnumerable<Retention> plan) => [.. plan.Where(entry => entry.Delete).Select(entry => entry.Name)];

    private static IReadOnlyList<Retention> Plan(
        string[] promoted, string[]? candidates = null, OrkaVm[]? vms = null, string[]? pinned = null, VmConfig[]? templates = null, int keep = 3, string state = "Ready") => RetentionPlan.Images(
        "bun",
        [.. promoted.Concat(candidates ?? []).Select(name => new OrkaImage(name, state))],
        [.. promoted.Select(name => new VmConfig(name, name, 12, 32)), .. templates ?? []],
        vms ?? [],
        (pinned ?? []).ToHashSet(),
        keep,
        TimeSpan.FromDays(3),
        Now);
}
