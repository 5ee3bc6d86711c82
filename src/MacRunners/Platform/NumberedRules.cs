using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MacRunners.Platform;

/// <summary>
/// Rules of a packet filter that can be told again in what the filter prints. Its wording differs by version (names for ports, another
/// order), so each rule carries a label with its number, the number of all, and a checksum of them all.
/// </summary>
internal sealed partial class NumberedRules
{
    private readonly IReadOnlyList<string> _rules;
    private readonly string _checksum;

    /// <param name="rules">Without labels, in order.</param>
    public NumberedRules(IReadOnlyList<string> rules)
    {
        _rules = rules;
        _checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rules))))[..8];
    }

    /// <summary>The rules, each followed by its label.</summary>
    /// <param name="keyword">How the filter calls labels.</param>
    public IReadOnlyList<string> With(string keyword) => [.. _rules.Select((rule, index) => $"{rule} {keyword} \"{Label(index)}\"")];

    /// <summary>What differs, for people; empty when exactly these rules are there, in their order.</summary>
    /// <param name="shown">Lines with rules, as the filter prints them.</param>
    public IReadOnlyList<string> Differences(IReadOnlyList<string> shown)
    {
        var labels = shown.Select(line => Labels().Match(line).Groups[1].Value).ToList();
        List<string> differences =
        [
            .. _rules.Where((_, index) => !labels.Contains(Label(index))).Select(rule => $"missing: {rule}"),
            .. shown.Where((_, index) => !Enumerable.Range(0, _rules.Count).Any(rule => Label(rule) == labels[index])).Select(line => $"not ours: {line}"),
        ];
        return differences.Count > 0 || labels.SequenceEqual(Enumerable.Range(0, _rules.Count).Select(Label)) ? differences : ["the rules are in another order"];
    }

    private string Label(int index) => string.Create(CultureInfo.InvariantCulture, $"macrunners {index + 1}/{_rules.Count} {_checksum}");

    [GeneratedRegex("\"(macrunners \\d+/\\d+ [0-9a-f]+)\"")]
    private static partial Regex Labels();
}
