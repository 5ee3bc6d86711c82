using System.Text.RegularExpressions;
using MacRunners.Tests.Packaging;

namespace MacRunners.Tests.Documentation;

/// <summary>The table of what nobody has seen on a Mac names tests that exist.</summary>
public partial class UnconfirmedFactsTests
{
    public static TheoryData<string> Rows =>
    [
        .. File.ReadLines(RepositoryRoot.PathOf("CLAUDE.md"))
            .SkipWhile(line => line != "## Unconfirmed facts about macOS")
            .SkipWhile(line => !line.StartsWith("| --- |", StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(line => line.StartsWith("| ", StringComparison.Ordinal)),
    ];

    [Theory, MemberData(nameof(Rows))]
    public void Each_fact_has_tests(string row)
    {
        var tests = Test().Matches(row);

        Assert.NotEmpty(tests);
        Assert.All(tests, test => Assert.Contains(
            typeof(UnconfirmedFactsTests).Assembly.GetTypes(),
            type => type.Name == test.Groups["type"].Value && type.GetMethod(test.Groups["method"].Value) is not null));
    }

    [GeneratedRegex(@"`(?<type>\w+Tests)\.(?<method>\w+)`", RegexOptions.CultureInvariant)]
    private static partial Regex Test();
}
