namespace MacRunners.Platform.MacOS;

/// <summary>What <c>bootstrap-macos.sh</c> tells a Mac, and what only its owner can: looked at by macOS' own tools.</summary>
internal sealed class MacImageHardening : IImageHardening
{
    private const string Daemon = "/opt/macrunners/bin/macrunners";

    // Accounts that base images come with, whose password is their name.
    private static readonly string[] WellKnown = ["admin", "vagrant"];

    private static readonly string[] SshLines = ["passwordauthentication no", "kbdinteractiveauthentication no", "permitemptypasswords no", "permitrootlogin no"];

    private const string Anybody = "nobody";
    private const string Profile = "/opt/macrunners/image/profile";
    private const string FirstBootLabel = "com.macrunners.first-boot";
    private const string FirstBootScript = "/opt/macrunners/image/first-boot.sh";
    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private const UnixFileMode AllBits = (UnixFileMode)0b111_111_111_111;

    // Of bash and of zsh.
    private static readonly string[] ProfileReaders = ["/private/etc/profile", "/private/etc/zprofile"];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ITool _tool;
    private readonly IFileCalls _files;
    private readonly string _root;

    internal MacImageHardening(ITool tool, IFileCalls files, string root)
    {
        _tool = tool;
        _files = files;
        _root = root;
        Checks =
        [
            new("default-login", "no account with a password that everybody knows", DefaultLoginAsync),
            new("ssh-by-key-only", string.Join(", ", SshLines), SshAsync),
            new("no-sudo-for-jobs", "no rule of sudo for everybody", SudoAsync),
            new("no-auto-login", "no password for automatic login on the disk", _ => Task.FromResult(AutoLogin())),
            new("spotlight-off", "no volume with an index", SpotlightAsync),
            new("time-machine-off", "AutoBackup 0", TimeMachineAsync),
            new("cron-for-root-only", "root and nobody else in cron.allow", _ => Task.FromResult(OnlyRoot("cron"))),
            new("at-for-root-only", "root and nobody else in at.allow", _ => Task.FromResult(OnlyRoot("at"))),
            new("shell-profile", $"{Profile}, read once by {string.Join(" and ", ProfileReaders)}", _ => Task.FromResult(ShellProfile())),
            new("first-boot", $"{FirstBootLabel}, enabled, which runs {FirstBootScript} at each boot", FirstBootAsync),
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

    private async Task<(bool IsMet, string Found)> SudoAsync(CancellationToken cancellationToken)
    {
        // Like a job's account, which is made only later, this one is in no group of administrators and named in no rule.
        var result = await RunAsync("/usr/bin/sudo", ["-l", "-U", Anybody], cancellationToken);
        return result.Output.Contains($"User {Anybody} is not allowed to run sudo", StringComparison.Ordinal) ? (true, "none") : (false, result.Summary);
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

    private (bool IsMet, string Found) ShellProfile()
    {
        var wrong = ProfileReaders.Prepend(Profile).Select(path => Wrong(path, Readable)).OfType<string>().ToList();
        foreach (var reader in wrong.Count > 0 ? [] : ProfileReaders)
        {
            var times = File.ReadLines(_root + reader).Count(line => line == $". {Profile}");
            if (times != 1)
            {
                wrong.Add($"{reader} reads it {times} times");
            }
        }

        return (wrong.Count == 0, wrong.Count == 0 ? "as the bootstrap has set it" : string.Join(", ", wrong));
    }

    private async Task<(bool IsMet, string Found)> FirstBootAsync(CancellationToken cancellationToken)
    {
        const string List = $"/Library/LaunchDaemons/{FirstBootLabel}.plist";
        if ((Wrong(List, Readable) ?? Wrong(FirstBootScript, Executable)) is { } wrong)
        {
            return (false, wrong);
        }

        try
        {
            var text = await File.ReadAllTextAsync(_root + List, cancellationToken);
            if (PropertyList.Find(text, "Label")?.Value != FirstBootLabel
                || PropertyList.Find(text, "ProgramArguments")?.Elements().LastOrDefault()?.Value != FirstBootScript
                || PropertyList.Find(text, "RunAtLoad")?.Name != "true"
                || PropertyList.Find(text, "Disabled")?.Name == "true")
            {
                return (false, $"{List} does something else");
            }
        }
        catch (FormatException e)
        {
            return (false, $"{List}: {e.Message}");
        }

        // launchd's own list has only what somebody has enabled or disabled.
        var result = await RunAsync("/bin/launchctl", ["print-disabled", "system"], cancellationToken);
        var line = result.Output.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(line => line.StartsWith($"\"{FirstBootLabel}\" => ", StringComparison.Ordinal));
        return result.ExitCode != 0 ? (false, result.Summary)
            : line is null || line.EndsWith("enabled", StringComparison.Ordinal) || line.EndsWith("false", StringComparison.Ordinal) ? (true, "as the bootstrap has set it")
            : (false, line);
    }

    /// <summary>What is wrong with a file that should be root's and have this mode: launchd refuses others, and jobs could change them.</summary>
    private string? Wrong(string path, UnixFileMode mode)
    {
        var folder = Path.GetDirectoryName(_root + path)!;
        if (!Directory.Exists(folder))
        {
            return $"no {path}";
        }

        using var open = _files.OpenDirectory(folder);
        return _files.Stat(open, Path.GetFileName(path)) switch
        {
            null => $"no {path}",
            { Kind: not FileKind.Other } => $"{path} is no file",
            { Uid: not 0 and var uid } => $"{path} belongs to user number {uid}",
            { Mode: var bits } when (bits & AllBits) != mode => $"{path} has mode {Convert.ToString((int)(bits & AllBits), 8)}",
            _ => null,
        };
    }

    private Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        _tool.RunAsync(_root + program, arguments, Limit, cancellationToken);
}
