using System.Text.RegularExpressions;
using MacRunners.Isolation;
using MacRunners.Telemetry;
using MacRunners.Tests.Packaging;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Isolation;

public sealed partial class AttackCatalogueTests
{
    private static readonly string Folder = RepositoryRoot.PathOf("src/MacRunners/Isolation/Scripts");

    public static TheoryData<string> Scripts =>
        [.. Directory.EnumerateFiles(Folder, "*.sh", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path))];

    [Fact]
    public void Every_script_is_in_the_program_and_told_well_enough()
    {
        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Folder, "Attacks")).Select(path => Path.GetFileNameWithoutExtension(path)).Order(),
            AttackCatalogue.All.Select(attack => attack.Id).Order());
        Assert.All(AttackCatalogue.All, attack =>
        {
            Assert.Matches(Name(), attack.Id);
            Assert.NotEmpty(attack.Platforms);
            Assert.All(attack.Cases, number => Assert.InRange(number, 1, 80));
            Assert.All(attack.Platforms, platform => Assert.Contains(platform, (string[])["linux", "macos"]));
            Assert.Contains("#!/bin/bash", AttackCatalogue.Script(attack), StringComparison.Ordinal);
            Assert.NotEmpty(attack.SetUp is null ? "-" : AttackCatalogue.SetUp(attack.SetUp));
            Assert.NotEmpty(attack.Beside is null ? "-" : AttackCatalogue.Beside(attack.Beside));
        });
    }

    [Fact]
    public void Every_part_for_root_and_for_the_account_beside_belongs_to_an_attack()
    {
        Assert.Equal(Names("SetUp"), AttackCatalogue.All.Select(attack => attack.SetUp).OfType<string>().Distinct().Order());
        Assert.Equal(Names("Beside"), AttackCatalogue.All.Select(attack => attack.Beside).OfType<string>().Distinct().Order());
    }

    [Fact]
    public void What_looks_for_traces_of_the_others_comes_last() =>
        Assert.Equal([true], AttackCatalogue.All.Where(attack => attack.IsLast).Select(attack => attack == AttackCatalogue.All[^1]));

    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_shell_understands(string script) =>
        Assert.Equal("", Scratch.Shell("bash -n \"$1\" 2>&1", Path.Combine(Folder, script)));

    [Fact]
    public void An_attack_says_all_about_itself()
    {
        var attack = Attack.Parse("one", """
            #!/bin/bash
            # title: One
            # case: 3 12
            # tries: to be: more
            # holds: it is not
            # platforms: linux
            # needs: perl no-such-program
            # refuses: this that?
            # leaves: processes mounts
            # reports: words of it
            # set-up: prepared
            # beside: other
            # ends: cut off
            # looks: everywhere
            # order: last
            # shellcheck disable=SC2016

            # not: a key
            true
            """);

        Assert.Equal(("One", "to be: more", "it is not"), (attack.Title, attack.Tries, attack.Holds));
        Assert.Equal([3, 12], attack.Cases);
        Assert.Equal(["this"], attack.Refuses);
        Assert.Equal([ResidueKind.Process, ResidueKind.Mount], attack.Leaves);
        Assert.Equal(("words of it", "prepared", "other"), (attack.Reports, attack.SetUp, attack.Beside));
        Assert.True(attack is { IsCutOff: true, LooksEverywhere: true, IsLast: true });
        Assert.Equal("for linux only", attack.WhyNotOn("macos", "/bin"));
        Assert.Equal("perl and no-such-program are not installed", attack.WhyNotOn("linux", "/nowhere"));
        Assert.Equal("no-such-program is not installed", attack.WhyNotOn("linux", "/nowhere:/usr/bin"));
    }

    [Theory]
    [InlineData("# title: x\n# case: 1\n# tries: x\n")]
    [InlineData("# title: x\n# case: 1\n# tries: x\n# holds: x\n# sometimes: x\n")]
    [InlineData("# title: x\n# title: x\n# case: 1\n# tries: x\n# holds: x\n")]
    [InlineData("# title: x\n# case: 1\n# tries: x\n# holds: x\n# ends: somehow\n")]
    [InlineData("# title: x\n# case: 1\n# tries: x\n# holds: x\n# words\n")]
    public void One_that_does_not_is_refused(string header) => Assert.Throws<InvalidDataException>(() => Attack.Parse("one", $"#!/bin/bash\n{header}\ntrue\n"));

    private static IEnumerable<string> Names(string part) => Directory.EnumerateFiles(Path.Combine(Folder, part)).Select(path => Path.GetFileNameWithoutExtension(path)).Order();

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex Name();
}
