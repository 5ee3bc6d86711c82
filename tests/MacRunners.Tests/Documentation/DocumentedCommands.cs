using System.Text.RegularExpressions;
using MacRunners.Tests.Packaging;

namespace MacRunners.Tests.Documentation;

/// <summary>Commands that README and DEPLOYMENT tell people to type, and how it is known that they work.</summary>
internal static partial class DocumentedCommands
{
    private const string Mac = "needs a Mac: ";
    private const string Network = "needs the network: ";
    private const string Itself = "is what runs the tests: ";

    /// <summary>
    /// Every command in a fenced block, as it stands there but for its comment, with the test (<c>Class.Method</c>) that runs it or a
    /// reason why none does.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string> Covered = new Dictionary<string, string>
    {
        ["make demo"] = Itself + "continuous integration runs it before them",
        ["make test"] = Itself + "continuous integration begins with it",
        ["curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0"] = Network + "Microsoft's installer",
        ["export PATH=\"$HOME/.dotnet:$PATH\" DOTNET_ROOT=\"$HOME/.dotnet\""] = Network + "follows the installer",
        ["make publish RID=osx-arm64"] = Network + "fetches the runtime for macOS",
        ["codesign --force --options runtime --sign \"Developer ID Application: …\" artifacts/osx-arm64/macrunners"] = Mac + "codesign and a certificate",
        ["install -d -o 0 -g 0 -m 755 /opt/macrunners /opt/macrunners/bin /opt/macrunners/etc"] = nameof(DocumentedCommandsTests) + "." + nameof(DocumentedCommandsTests.The_installation_by_hand_works_as_written),
        ["install -o 0 -g 0 -m 755 artifacts/osx-arm64/macrunners /opt/macrunners/bin/macrunners"] = nameof(DocumentedCommandsTests) + "." + nameof(DocumentedCommandsTests.The_installation_by_hand_works_as_written),
        ["install -o 0 -g 0 -m 600 /dev/null /opt/macrunners/etc/token"] = nameof(DocumentedCommandsTests) + "." + nameof(DocumentedCommandsTests.The_installation_by_hand_works_as_written),
        ["/opt/macrunners/bin/macrunners config validate"] = nameof(DocumentedCommandsTests) + "." + nameof(DocumentedCommandsTests.The_installation_by_hand_works_as_written),
        ["/opt/macrunners/bin/macrunners config show"] = nameof(DocumentedCommandsTests) + "." + nameof(DocumentedCommandsTests.The_installation_by_hand_works_as_written),
        ["/opt/macrunners/bin/macrunners doctor"] = "OperatorScenarios.Doctor_finds_no_failure_on_a_sound_machine_tries_an_account_and_leaves_nothing_of_it",
        ["install -d -o 0 -g 0 -m 750 /private/var/log/macrunners"] = Mac + "the folder is macOS's",
        ["install -o root -g wheel -m 644 launchd/com.macrunners.daemon.plist /Library/LaunchDaemons/"] = Mac + "the folder is launchd's",
        ["launchctl bootstrap system /Library/LaunchDaemons/com.macrunners.daemon.plist"] = Mac + "launchd",
        ["curl -s http://localhost:8080/health"] = "DaemonTests.It_starts_answers_hides_its_token_and_stops_by_sigterm",
    };

    /// <summary>The documents.</summary>
    public static IReadOnlyDictionary<string, string> Documents { get; } = new[] { "README.md", "DEPLOYMENT.md" }
        .ToDictionary(name => name, name => File.ReadAllText(RepositoryRoot.PathOf(name)));

    /// <summary>Every command in the fenced shell blocks, in order.</summary>
    public static IReadOnlyList<string> Typed { get; } =
    [
        .. Documents.Values.SelectMany(text => Blocks().Matches(text)).SelectMany(block => block.Groups[1].Value.Split('\n'))
            .Select(line => Comment().Replace(line, "").Trim())
            .Where(line => line.Length > 0),
    ];

    /// <summary>Every mention of a verb of the program, in fenced blocks and in running text.</summary>
    public static IReadOnlyList<string> Verbs { get; } =
    [
        .. Documents.Values.SelectMany(text => Inline().Matches(text)).Select(match => match.Groups[1].Value)
            .Concat(Typed.Select(command => command.Replace("/opt/macrunners/bin/", "", StringComparison.Ordinal)).Where(command => command.StartsWith("macrunners ", StringComparison.Ordinal)))
            .Distinct(),
    ];

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("(^| +)#.*$")]
    private static partial Regex Comment();

    [GeneratedRegex("`(macrunners [a-z][^`]*)`")]
    private static partial Regex Inline();
}
