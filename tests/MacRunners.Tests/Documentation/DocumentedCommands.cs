using System.Text.RegularExpressions;
using MacRunners.Tests.Packaging;

namespace MacRunners.Tests.Documentation;

/// <summary>Commands that README and DEPLOYMENT tell people to type, and how it is known that they work.</summary>
internal static partial class DocumentedCommands
{
    private const string Mac = "needs a Mac: ";
    private const string Network = "needs the network: ";
    private const string Itself = "is what runs the tests: ";
    private const string Installation = "InstallationScenarios.From_the_first_installation_over_upgrade_rollback_and_downgrade_to_nothing";
    private const string Tree = "InstallationOnLinux.A_source_tree_is_installed_and_packed_by_the_commands_of_the_documents";
    private const string Keychain = "DeveloperScenarios.A_job_has_the_Xcode_of_the_tag_and_makes_a_keychain_that_ends_with_it";
    private const string Example = nameof(DocumentedCommandsTests) + "." + nameof(DocumentedCommandsTests.The_configuration_is_made_and_checked_as_written);

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
        ["make package"] = Tree,
        ["make package RID=osx-arm64"] = "PackageContentTests.An_archive_holds_these_files_and_no_others",
        ["make install"] = Tree,
        ["export CODESIGN_IDENTITY=\"Developer ID Application: …\" INSTALLER_IDENTITY=\"Developer ID Installer: …\""] = Mac + "codesign and a certificate",
        ["export NOTARY_PROFILE=…"] = Mac + "notarytool and an account",
        ["tar xzf macrunners-*.tar.gz && cd macrunners-*/"] = Tree,
        ["sudo ./install.sh --dry-run"] = "InstallationScenarios.A_dry_run_says_what_would_be_done_and_does_nothing",
        ["sudo ./install.sh"] = "InstallationScenarios.From_the_first_installation_over_upgrade_rollback_and_downgrade_to_nothing",
        ["(umask 077 && cat >/opt/macrunners/etc/agent-token)"] = Example,
        ["cp /opt/macrunners/etc/macrunners.json.example /opt/macrunners/etc/macrunners.json"] = Example,
        ["macrunners config validate"] = Example,
        ["macrunners config show"] = Example,
        ["macrunners fence show"] = "FenceScenarios.The_rules_stay_when_the_daemon_ends_until_they_are_removed",
        ["macrunners doctor"] = "OperatorScenarios.Doctor_finds_no_failure_on_a_sound_machine_tries_an_account_and_leaves_nothing_of_it",
        ["macrunners keychain create --identity \"$HOME/signing.p12\" --passphrase-file \"$HOME/signing.pass\""] = Keychain,
        ["rm -f \"$HOME/signing.p12\" \"$HOME/signing.pass\""] = Keychain,
        ["systemctl enable --now macrunners.socket macrunners.service"] = Installation,
        ["launchctl enable system/com.macrunners.daemon && launchctl bootstrap system /Library/LaunchDaemons/com.macrunners.daemon.plist"] = Installation,
        ["macrunners status"] = "ControlScenarios.A_drained_machine_ends_its_jobs_and_takes_none_until_it_is_resumed_whatever_restarts",
        ["curl -s http://localhost:8080/health"] = "DaemonTests.It_starts_answers_hides_its_token_and_stops_by_sigterm",
        ["/opt/macrunners/install.sh --rollback"] = Installation,
        ["systemctl stop macrunners.socket macrunners.service"] = Installation,
        ["launchctl bootout --wait system/com.macrunners.daemon"] = Installation,
        ["packer init packaging/packer"] = Network + "the plugin's releases",
        ["export PKR_VAR_orka_auth_token=…"] = Network + "an Orka cluster",
        ["packer build -var macos=15 -var-file=my.pkrvars.hcl packaging/packer"] = Mac + "and an Orka cluster; see PackerTemplateTests",
        ["/opt/macrunners/uninstall.sh"] = Installation,
        ["/opt/macrunners/uninstall.sh --purge"] = Installation,
        ["artifacts/linux-x64/macrunners-fleet image pipeline --sim"] = "PipelineTests.Every_image_is_built_verified_tested_promoted_cached_and_announced",
        ["artifacts/linux-x64/macrunners-fleet image pipeline --sim --fail 14:bun"] = "PipelineTests.An_image_that_is_not_good_is_not_promoted_and_does_not_stop_the_other",
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
