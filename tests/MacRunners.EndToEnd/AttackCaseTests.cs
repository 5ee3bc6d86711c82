using System.Reflection;
using MacRunners.Isolation;

namespace MacRunners.EndToEnd;

/// <summary>What the list of all that is tried says about this project.</summary>
public sealed class AttackCaseTests
{
    /// <summary>Tests end to end that it names.</summary>
    public static TheoryData<string> Named =>
        [.. AttackCatalogue.Cases.SelectMany(tried => tried.Tests).Where(test => test.StartsWith("EndToEnd.", StringComparison.Ordinal)).Distinct()];

    [Theory]
    [MemberData(nameof(Named))]
    public void Every_test_that_a_row_names_is_one(string test)
    {
        var name = $"MacRunners.{test}";
        var end = name.LastIndexOf('.');

        Assert.NotNull(typeof(AttackCaseTests).Assembly.GetType(name[..end])?.GetMethod(name[(end + 1)..])?.GetCustomAttribute<FactAttribute>());
    }
}
