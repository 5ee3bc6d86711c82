using MacRunners.Teardown;

namespace MacRunners.Isolation;

/// <summary>Judges an attack by what its script said and what teardown found.</summary>
internal static class AttackJudge
{
    private const string Breach = "BREACH ";
    private const string Refused = "refused ";
    private const string Skip = "skip ";
    private const int MostNamed = 20;
    private const int LastLines = 5;

    /// <summary>Why the script could not make its attack on this machine; null when it did.</summary>
    public static string? SkipReason(IEnumerable<string> lines) => lines.FirstOrDefault(line => line.StartsWith(Skip, StringComparison.Ordinal))?[Skip.Length..];

    /// <summary>Everything that did not hold; empty when all did.</summary>
    /// <param name="attack">The attack.</param>
    /// <param name="lines">What its script printed.</param>
    /// <param name="exitCode">How the script ended; null when nobody knows.</param>
    /// <param name="found">What teardown found.</param>
    public static IReadOnlyList<string> Failures(Attack attack, IReadOnlyList<string> lines, int? exitCode, IReadOnlyList<Residue> found)
    {
        var failures = new List<string>(Breaches(lines));
        if (!attack.IsCutOff)
        {
            failures.AddRange(attack.Refuses.Where(attempt => !lines.Contains(Refused + attempt)).Select(attempt => $"its script did not report '{attempt}' as refused"));
            if (exitCode is not 0)
            {
                failures.Add($"its script ended with {exitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "an unknown code"}: {string.Join(" / ", lines.Where(line => line.Length > 0).TakeLast(LastLines))}");
            }
        }

        failures.AddRange(attack.Leaves.Where(kind => !found.Any(residue => residue.Kind == kind)).Select(kind => $"teardown found no {kind} of it: either the attack did not take place, or teardown did not see it"));
        if (attack.Reports is { } words && !found.Any(residue => residue.Detail.Contains(words, StringComparison.Ordinal)))
        {
            failures.Add($"teardown did not report '{words}'");
        }

        return failures;
    }

    /// <summary>What succeeded though it should not have.</summary>
    public static IEnumerable<string> Breaches(IEnumerable<string> lines) =>
        lines.Where(line => line.StartsWith(Breach, StringComparison.Ordinal)).Take(MostNamed).Select(line => $"it succeeded: {line[Breach.Length..]}");
}
