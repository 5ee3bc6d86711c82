namespace MacRunners.Platform.MacOS;

/// <summary>What <c>bootstrap-macos.sh</c> tells a Mac, and what only its owner can: looked at by macOS' own tools.</summary>
internal sealed class MacImageHardening : IImageHardening
{
    private const string Daemon = "/opt/macrunners/bin/macrunners";

    // Accounts that base images come with, whose password is their name.
    private static readonly string[] WellKnown = ["admin", "vagrant"];

    private static readonly string[] SshLines = ["passwordauthentication no", "kbdinteractiveauthentication no", "permitemptypasswords no", "permitrootlogin no"];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ITool _tool;
    private readonly string _root;

    internal MacImageHardening(ITool tool, string root)
    {
        _tool = tool;
        _root = root;
        Checks =
        [
            new("default-login", "no account with a password that everybody knows", DefaultLoginAsync),
            new("ssh-by-key-only", string.Join(", ", SshLines), SshAsync),
            new("no-auto-login", "no password for automatic login on the disk", _ => Task.FromResult(AutoLogin())),
            new("spotlight-off", "no volume with an index", SpotlightAsync),
            new("time-machine-off", "AutoBackup 0", TimeMachineAsync),
            new("cron-for-root-only", "root and nobody else in cron.allow", _ => Task.FromResult(OnlyRoot("cron"))),
            new("at-for-root-only", "root and nobody else in at.allow", _ => Task.FromResult(OnlyRoot("at"))),
            new(
                "full-disk-access",
                $"{Daemon} with Full Disk Access (System Settings, Privacy & Security, or an MDM profile)",
                new FullDiskAccessGrant(tool, root, Daemon, Limit).LookAsync),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<HardeningCheck> Checks { get; }

    private async Task<(bool IsMet, string Found)> DefaultLoginAsync(CancellationToken cancellationToken)
    {
        var open = new List<string>();
        foreach (var name in WellKnown)
        {
            // Known to everybody, so it may be seen in the arguments.
            if ((await RunAsync("/usr/bin/dscl", [".", "-authonly", name, name], cancellationToken)).ExitCode == 0)
            {
                open.Add($"{name}/{name}");
            }
        }

        return (open.Count == 0, open.Count == 0 ? "none" : string.Join(", ", open));
    }

    private async Task<(bool IsMet, string Found)> SshAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync("/usr/sbin/sshd", ["-T"], cancellationToken);
        if (result.ExitCode != 0)
        {
            return (false, result.Summary);
        }

        var lines = result.Output.Split('\n', StringSplitOptions.TrimEntries);
        var wrong = SshLines.Select(line => line.Split(' ')[0]).Select(key => lines.FirstOrDefault(line => line.StartsWith(key + " ", StringComparison.Ordinal)) ?? $"no {key}").Except(SshLines).ToList();
        return (wrong.Count == 0, wrong.Count == 0 ? "as the server itself says" : string.Join(", ", wrong));
    }

    private (bool IsMet, string Found) AutoLogin()
    {
        var file = _root + "/private/etc/kcpassword";
        return File.Exists(file) ? (false, file) : (true, "none");
    }

    private async Task<(bool IsMet, string Found)> SpotlightAsync(CancellationToken cancellationToken)
    {
        var indexed = await SpotlightIndexes.FindAsync(_tool, _root, Limit, cancellationToken);
        return (indexed is null, indexed ?? "none");
    }

    private async Task<(bool IsMet, string Found)> TimeMachineAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync("/usr/bin/defaults", ["read", "/Library/Preferences/com.apple.TimeMachine", "AutoBackup"], cancellationToken);
        return result.ExitCode == 0 && result.Output.Trim() == "0" ? (true, "AutoBackup 0") : (false, result.Summary);
    }

    private (bool IsMet, string Found) OnlyRoot(string service)
    {
        var file = $"{_root}/private/var/at/{service}.allow";
        return !File.Exists(file) ? (false, $"no {file}: everybody may")
            : File.ReadAllText(file).Trim() is "root" ? (true, "root")
            : (false, $"others in {file}");
    }

    private Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        _tool.RunAsync(_root + program, arguments, Limit, cancellationToken);
}
