using System.Globalization;
using System.Text.RegularExpressions;

namespace MacRunners.Platform.MacOS;

/// <summary>Version, architecture, protection, privacy and Time Machine.</summary>
/// <param name="tool">Runs programs.</param>
/// <param name="root">Above <c>/usr/bin</c>; empty on a Mac.</param>
/// <param name="isTranslated">Whether this process is Intel code on Apple silicon; null: the kernel does not know the question.</param>
internal sealed partial class MacConditions(ITool tool, string root, Func<bool?> isTranslated) : ISystemConditions
{
    // What .NET 10 supports.
    private const int OldestVersion = 14;

    private const int PermissionDenied = 40;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SystemCondition>> LookAsync(CancellationToken cancellationToken)
    {
        var conditions = new List<SystemCondition> { Architecture() };
        foreach (var look in new Func<CancellationToken, Task<SystemCondition>>[] { VersionAsync, PrivacyAsync, ProtectionAsync, SnapshotsAsync })
        {
            try
            {
                conditions.Add(await look(cancellationToken));
            }
            catch (ToolException e)
            {
                conditions.Add(new SystemCondition(e.Message, "Look whether this macOS still has that program, and whether it answers by hand."));
            }
        }

        return conditions;
    }

    private SystemCondition Architecture() => isTranslated() == true
        ? new SystemCondition(
            "this program is Intel code, translated by Rosetta, and everything that jobs start prefers Intel code, too",
            "Install the package for Apple silicon (osx-arm64).",
            IsFatal: true)
        : new SystemCondition("the program is native");

    private async Task<SystemCondition> VersionAsync(CancellationToken cancellationToken)
    {
        var version = (await AskAsync("/usr/bin/sw_vers", cancellationToken, "-productVersion")).Output.Trim();
        return int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) && major >= OldestVersion
            ? new SystemCondition($"macOS {version}")
            : new SystemCondition($"macOS {version} is not supported by .NET 10 (14 and later are), although the program loads", "Upgrade the image to macOS 14 or later.");
    }

    /// <summary>The change that changes nothing: macOS refuses it exactly where it refuses to delete an account.</summary>
    private async Task<SystemCondition> PrivacyAsync(CancellationToken cancellationToken)
    {
        var dscl = "/usr/bin/dscl";
        var read = await AskAsync(dscl, cancellationToken, ".", "-read", "/Users/nobody", "NFSHomeDirectory");
        if (!Home().Match(read.Output).Groups.TryGetValue("home", out var home) || !home.Success)
        {
            throw new ToolException($"{root}{dscl} says no home of nobody: {read.Summary}");
        }

        var change = await tool.RunAsync(root + dscl, [".", "-change", "/Users/nobody", "NFSHomeDirectory", home.Value, home.Value], Limit, cancellationToken);
        return change.ExitCode switch
        {
            0 => new SystemCondition("Full Disk Access: this process may change accounts (a terminal's rights are its own: check selftest shows the daemon's)"),
            PermissionDenied => new SystemCondition(
                "Full Disk Access is missing: macOS lets this process change and delete no account (-14120)",
                $"Grant it to {Environment.ProcessPath} (System Settings, an MDM profile, or the image: DEPLOYMENT.md, 5); for a terminal or sshd, to that.",
                IsFatal: Environment.IsPrivilegedProcess),
            _ => new SystemCondition($"whether accounts may be changed is not known: {change.Summary}", "Run the same dscl -change by hand."),
        };
    }

    private async Task<SystemCondition> ProtectionAsync(CancellationToken cancellationToken)
    {
        var status = (await AskAsync("/usr/bin/csrutil", cancellationToken, "status")).Output.Trim();
        return status.Contains("status: enabled", StringComparison.Ordinal)
            ? new SystemCondition("System Integrity Protection is on")
            : new SystemCondition(
                $"System Integrity Protection is not on ({status}): a job that becomes root can change the system and its privacy database",
                "Switch it on (csrutil enable, in Recovery), unless the image grants Full Disk Access by having it off; then one pool per level of trust.");
    }

    private async Task<SystemCondition> SnapshotsAsync(CancellationToken cancellationToken)
    {
        var list = await AskAsync("/usr/bin/tmutil", cancellationToken, "listlocalsnapshots", "/");
        var snapshots = Snapshot().Count(list.Output);
        return snapshots > 0
            ? new SystemCondition(
                $"{snapshots} local snapshots of Time Machine hold the blocks of deleted homes: the disk does not become free",
                "tmutil disable, then tmutil deletelocalsnapshots / (both may need Full Disk Access).")
            : new SystemCondition("no local snapshot holds deleted homes");
    }

    private async Task<ToolResult> AskAsync(string program, CancellationToken cancellationToken, params string[] arguments)
    {
        var answer = await tool.RunAsync(root + program, arguments, Limit, cancellationToken);
        return answer.ExitCode == 0 ? answer : throw new ToolException($"{root}{program} {string.Join(' ', arguments)} failed with {answer.Summary}");
    }

    [GeneratedRegex(@"^NFSHomeDirectory:\s+(?<home>/\S*)", RegexOptions.CultureInvariant)]
    private static partial Regex Home();

    [GeneratedRegex(@"^com\.apple\.\S+", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Snapshot();
}
