using System.Text.RegularExpressions;

namespace MacRunners.Fleet.Versions;

/// <summary>
/// Finds the versions that a <c>bootstrap.sh</c> asks for, in the ways such scripts have been written over time: variables with or without
/// a default, functions that print a version (by system, too), a <c>version</c> inside <c>install_tool</c>, download addresses, formulae.
/// </summary>
internal sealed partial class BootstrapVersions
{
    private readonly Dictionary<string, HashSet<string>> _named = [];
    private readonly Dictionary<string, HashSet<string>> _inAddresses = [];

    private BootstrapVersions(string script)
    {
        // Comments say what was, or what might be.
        var code = string.Join('\n', script.ReplaceLineEndings("\n").Split('\n').Select(line => Comment().Replace(line, "")));
        foreach (var function in Functions(code))
        {
            var values = Printed(function.Body);
            Add(_named, function.Name, values);
        }

        var outside = VersionFunction().Replace(code, "");
        foreach (Match match in Assignment().Matches(outside))
        {
            Add(_named, match.Groups["tool"].Value, [match.Groups["version"].Value]);
        }

        foreach (Match match in Installer().Matches(code))
        {
            foreach (Match version in LocalVersion().Matches(match.Groups["body"].Value))
            {
                Add(_named, match.Groups["tool"].Value, [version.Groups["version"].Value]);
            }
        }

        foreach (Match match in Address().Matches(code))
        {
            Add(_inAddresses, match.Groups["tool"].Value, [match.Groups["version"].Value]);
        }
    }

    /// <summary>Whether not a single version was found.</summary>
    public bool IsEmpty => _named.Count == 0 && _inAddresses.Count == 0;

    /// <summary>Reads a script.</summary>
    public static BootstrapVersions Parse(string script) => new(script);

    /// <summary>The versions found for a tool of the manifest: none, one, or several when the script has one for each system.</summary>
    public IReadOnlyList<string> Of(string tool)
    {
        var aliases = Aliases(tool);
        var named = Distinct(_named, aliases);
        return named.Count > 0 ? named : Distinct(_inAddresses, aliases);
    }

    private static List<string> Distinct(Dictionary<string, HashSet<string>> found, IEnumerable<string> aliases) =>
        [.. aliases.SelectMany(alias => found.GetValueOrDefault(alias) ?? []).Distinct().Order(StringComparer.Ordinal)];

    private static string[] Aliases(string tool) => tool switch
    {
        "node" => ["node", "nodejs"],
        "llvm" => ["llvm", "clang", "llvmorg"],
        "buildkite-agent" => ["buildkite", "buildkite_agent"],
        "go" => ["go", "golang"],
        _ => [tool.Replace('-', '_')],
    };

    private static void Add(Dictionary<string, HashSet<string>> to, string tool, IEnumerable<string> versions)
    {
        var key = tool.ToLowerInvariant().Replace('-', '_');
        foreach (var version in versions)
        {
            if (!to.TryGetValue(key, out var known))
            {
                to[key] = known = [];
            }

            known.Add(version);
        }
    }

    private static IEnumerable<(string Name, string Body)> Functions(string code) =>
        VersionFunction().Matches(code).Select(match => (match.Groups["tool"].Value, match.Groups["body"].Value));

    /// <summary>What a function prints: on a Mac, where it asks for the system.</summary>
    private static IEnumerable<string> Printed(string body)
    {
        var arms = body.Split(";;").Select(arm => (Label: Arm().Match(arm).Groups["label"].Value.Trim(), Versions: Print().Matches(arm).Select(match => match.Groups["version"].Value).ToList()))
            .Where(arm => arm.Versions.Count > 0)
            .ToList();
        var mac = arms.Where(arm => arm.Label.Contains("darwin", StringComparison.OrdinalIgnoreCase) || arm.Label.Contains("macos", StringComparison.OrdinalIgnoreCase)).ToList();
        var chosen = mac.Count > 0 ? mac : arms.Where(arm => arm.Label == "*").ToList() is { Count: > 0 } others ? others : arms;
        return chosen.SelectMany(arm => arm.Versions);
    }

    [GeneratedRegex(@"(^|\s)#.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^[ \t]*(function[ \t]+)?(?<tool>[A-Za-z][A-Za-z0-9_]*?)_version(_exact)?[ \t]*\(\)[ \t]*\{(?<body>.*?)(^[ \t]*\}|[;\s]\}[ \t]*$)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex VersionFunction();

    [GeneratedRegex(@"\b(print|echo|printf)\b([ \t]+-n)?([ \t]+['""]%s(\\n)?['""])?[ \t]+['""]?v?(?<version>[0-9]+(\.[0-9]+)+)")]
    private static partial Regex Print();

    [GeneratedRegex(@"(^|\bin\b|\n)\s*(?<label>[^\s()$""'][^()\n]*|""[^""\n]*"")\)")]
    private static partial Regex Arm();

    [GeneratedRegex(@"^[ \t]*((local|readonly|export|declare([ \t]+-[a-z]+)?)[ \t]+)*(?<tool>[A-Za-z][A-Za-z0-9_]*?)_version(_exact)?=[""']?(\$\{[A-Za-z0-9_]+:-[""']?)?v?(?<version>[0-9]+(\.[0-9]+)+)", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^[ \t]*install_(?<tool>[a-z][a-z0-9_]*)[ \t]*\(\)[ \t]*\{(?<body>.*?)^[ \t]*\}", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Installer();

    [GeneratedRegex(@"^[ \t]*((local|readonly)[ \t]+)?version=[""']?(\$\{[A-Za-z0-9_]+:-[""']?)?v?(?<version>[0-9]+(\.[0-9]+)+)", RegexOptions.Multiline)]
    private static partial Regex LocalVersion();

    [GeneratedRegex(@"(?<![A-Za-z])(?<tool>node|bun|llvmorg|LLVM|cmake|buildkite-agent|go)[-@]?(-(darwin|macos)-(arm64|amd64|x64)-)?/?v?(?<version>[0-9]+(\.[0-9]+){1,3})(?![0-9])|(?<tool>node)js\.org/dist/v(?<version>[0-9]+(\.[0-9]+)+)|(?<tool>buildkite)/agent/releases/download/v(?<version>[0-9]+(\.[0-9]+)+)|(?<tool>llvm|node)@(?<version>[0-9]+)(?![0-9.])")]
    private static partial Regex Address();
}
