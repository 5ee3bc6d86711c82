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
    [InlineData("flake-20261123-110000-ab12cd-1", true)]
    [InlineData("flake-20261124-013000-ab12cd-1", false)]
    [InlineData("flake-20269923-190000-ab12cd-1", null)]
    [InlineData("build-20261123-110000-ab12cd", true)]
    [InlineData("build-20261123-210000-ab12cd", false)]
    [InlineData("build-20261124-150000-ab12cd", false)]
    [InlineData("build-20261123-190000-ab12cd-1", null)]
    [InlineData("image-macos-15-abcde", null)]
    [InlineData("flake-machine", null)]
    [InlineData("job-vm", null)]
    public void Only_vms_of_killed_tests_and_builds_go(string name, bool? goes) =>
        Assert.Equal(goes, RetentionPlan.AbandonedVms([Vm(name, "x")], Now).SingleOrDefault()?.Delete);

    [Fact]
    public void A_vm_that_may_be_in_use_is_far_from_being_left_behind()
    {
        Assert.Equal([false, false, true], new[] { RetentionPlan.LongestUse, RetentionPlan.AbandonedAge - TimeSpan.FromSeconds(1), RetentionPlan.AbandonedAge }.Select(Goes));
        Assert.True(RetentionPlan.LongestUse + TimeSpan.FromHours(1) < RetentionPlan.AbandonedAge);

        static bool Goes(TimeSpan age) => RetentionPlan.AbandonedVms([Vm(RetentionPlan.BuilderVmName(Now - age, RetentionPlan.NewRun()), "x")], Now).Single().Delete;
    }

    [Fact]
    public void Names_of_our_vms_are_recognised() => Assert.Equal(
        ["24 h old: its test was killed", "24 h old: its build was killed"],
        RetentionPlan.AbandonedVms([Vm(RetentionPlan.TestVmName(Now.AddDays(-1), RetentionPlan.NewRun(), 12), "x"), Vm(RetentionPlan.BuilderVmName(Now.AddDays(-1), RetentionPlan.NewRun()), "x")], Now)
            .Where(entry => entry.Delete).Select(entry => entry.Reason));

    [Theory]
    [InlineData("", 2)]
    [InlineData("in use", 1)]
    [InlineData("pinned", 1)]
    [InlineData("VM job does not say", 0)]
    public void Templates_of_images_in_a_registry_go_like_those_of_local_images(string reason, int gone)
    {
        const string Registry = "registry.example/mac/bun-macos-15:";
        var references = Promoted.Select(image => Registry + image["bun-macos-15-".Length..]).ToList();
        var configs = references.Select(reference => new VmConfig(ImageName.Parse(reference).Template, reference, 12, 32)).Append(new VmConfig("mine", references[0], 3, null)).ToList();
        OrkaVm[] vms = reason switch { "in use" => [Vm("job", references[0])], "VM job does not say" => [Vm("job", "")], _ => [] };

        var plan = RetentionPlan.RegistryTemplates("bun", configs, vms, reason == "pinned" ? new HashSet<string> { references[0] } : new HashSet<string>(), keep: 1);

        Assert.Equal(5, plan.Count);
        Assert.Equal(Promoted[(2 - gone)..2], Deleted(plan).Order(StringComparer.Ordinal));
        Assert.StartsWith(reason, plan.Single(entry => entry.Name == Promoted[0]).Reason, StringComparison.Ordinal);
        Assert.Empty(RetentionPlan.RegistryTemplates("other", configs, vms, new HashSet<string>(), keep: 1));
    }

    [Fact]
    public void Local_and_registry_images_of_a_macos_are_counted_together() => Assert.Equal(
        [Promoted[0]],
        Deleted(RetentionPlan.RegistryTemplates(
            "bun",
            [
                new VmConfig(Promoted[0], "registry.example/mac/bun-macos-15:" + Promoted[0]["bun-macos-15-".Length..], 12, 32),
                .. Promoted[1..4].Select(image => new VmConfig(image, image, 12, 32)),
            ],
            [],
            new HashSet<string>(),
            keep: 3)));

    private static OrkaVm Vm(string name, string image) => new(name, image, VmPhase.Running, null, null, null, null);

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
