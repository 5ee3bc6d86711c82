using System.Globalization;
using System.Reflection;
using MacRunners.Isolation;

namespace MacRunners.Tests.Isolation;

/// <summary>Nothing is forgotten, and nothing is claimed that does not exist. Tests end to end are looked for by their own project.</summary>
public sealed class AttackCaseTests
{
    private const string Project = "Tests.";

    public static TheoryData<int> NotTried => [.. AttackCatalogue.Cases.Where(tried => tried.NotTried is not null).Select(tried => tried.Number)];

    [Fact]
    public void Every_number_has_its_row() => Assert.Equal(Enumerable.Range(1, 80), AttackCatalogue.Cases.Select(tried => tried.Number));

    [Fact]
    public void Rows_and_scripts_name_each_other()
    {
        Assert.Equal(
            AttackCatalogue.All.SelectMany(attack => attack.Cases.Select(number => $"{number} {attack.Id}")).Order(StringComparer.Ordinal),
            AttackCatalogue.Cases.SelectMany(tried => tried.Scripts.Select(script => $"{tried.Number} {script}")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_test_that_a_row_names_is_one()
    {
        var named = AttackCatalogue.Cases.SelectMany(tried => tried.Tests).ToList();

        Assert.All(named, test => Assert.Matches("^(Tests|EndToEnd)[.]", test));
        Assert.All(named.Where(test => test.StartsWith(Project, StringComparison.Ordinal)), test => Assert.True(Exists(test), $"{test} is no test"));
    }

    [Theory]
    [MemberData(nameof(NotTried))]
    public void What_no_suite_can_try_says_why(int number)
    {
        var untried = AttackCatalogue.Cases.Single(tried => tried.Number == number);

        Assert.Skip($"{untried.Number}: {untried.Tried}. Not tried{(untried is { Scripts: [], Tests: [] } ? "" : " in full")}: {untried.NotTried}");
    }

    [Fact]
    public void A_row_is_read_cell_by_cell()
    {
        var tried = AttackCase.Parse("| 7 | x → y | one two | Tests.A.B | |");

        Assert.Equal((7, "x → y", null, null), (tried.Number, tried.Tried, tried.NotTried, tried.NoAttackBecause));
        Assert.Equal(["one", "two", "Tests.A.B"], tried.Scripts.Concat(tried.Tests));
        Assert.Contains("tests", AttackCase.Parse("| 7 | x | | Tests.A.B | |").NoAttackBecause, StringComparison.Ordinal);
        Assert.Equal("z", AttackCase.Parse("| 7 | x | | Tests.A.B | z |").NoAttackBecause);
    }

    [Theory]
    [InlineData("| x | y | one | | |")]
    [InlineData("| 7 | | one | | |")]
    [InlineData("| 7 | y | | | |")]
    [InlineData("| 7 | y | one | |")]
    public void One_that_says_too_little_is_refused(string row) => Assert.Throws<InvalidDataException>(() => AttackCase.Parse(row));

    [Fact]
    public void What_no_attack_tries_is_in_the_report()
    {
        var untried = IsolationReport.Of([]).NotTried;

        Assert.Equal(AttackCatalogue.Cases.Where(tried => tried.Scripts.Count == 0).Select(tried => tried.Number), untried.Select(line => line.Number));
        Assert.All(untried, line => Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{line.Number}: "), line.Text(), StringComparison.Ordinal));
    }

    private static bool Exists(string test)
    {
        var name = $"MacRunners.{test}";
        var end = name.LastIndexOf('.');
        return typeof(AttackCaseTests).Assembly.GetType(name[..end])?.GetMethod(name[(end + 1)..])?.GetCustomAttributes<FactAttribute>().Any() == true;
    }
}
