using System.Text.RegularExpressions;
using MacRunners.Images;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Images;

/// <summary>The image's bootstrap over stub commands of macOS, real archives and a real HTTP server.</summary>
public sealed partial class BootstrapTests : IAsyncLifetime
{
    private MacImage _image = null!;

    public async ValueTask InitializeAsync() => _image = await MacImage.CreateAsync();

    public async ValueTask DisposeAsync() => await _image.DisposeAsync();

    [Fact]
    public void Everything_is_installed_each_item_fetched_once_and_a_second_run_does_nothing()
    {
        AddAll();

        var (exitCode, output, error) = _image.Bootstrap();

        Assert.True(exitCode == 0, output + error);
        Assert.Equal(["/node-24.3.0.tar.gz", "/llvm-19.1.7.tar.xz", "/bun-1.2.17.zip", "/buildkite-agent-3.87.0.tar.gz", "/xcode-16.2.xip", "/ios-18.2.dmg"], _image.Server.Requests);
        foreach (var (name, version) in new[] { ("node", "24.3.0"), ("llvm", "19.1.7"), ("bun", "1.2.17"), ("buildkite-agent", "3.87.0") })
        {
            var link = _image[$"usr/local/bin/{name}"];
            Assert.Equal($"/opt/{name}-{version}/bin/{name}", new FileInfo(link).LinkTarget);
            Assert.Equal(version, Scratch.Shell("$1", _image[$"opt/{name}-{version}/bin/{name}"]).Trim());
            Assert.Equal("0 0 755", Scratch.Shell("stat -c '%u %g %a' $1", _image[$"opt/{name}-{version}/bin/{name}"]).Trim());
        }

        Assert.Contains("brew install --formula --quiet jq", _image.Calls);
        Assert.Contains("softwareupdate -i Command Line Tools for Xcode-16.2 --verbose", _image.Calls);
        Assert.True(Directory.Exists(_image["Applications/Xcode-16.2.app/Contents/Developer"]));
        Assert.Contains("xcodebuild -license accept", _image.Calls);
        Assert.Contains($"xcrun simctl runtime add {_image["private/var/macrunners-image/ios-18.2.dmg"]}", _image.Calls);
        Assert.Empty(Directory.GetFileSystemEntries(_image["private/var/macrunners-image"]));
        Assert.Matches(@"\[1/\d+\] command-line-tools: done in \d+ s\n", output);
        Assert.Equal(Numbered().Matches(output).Select(match => match.Groups[2].Value).Distinct().Single(), Numbered().Matches(output)[^1].Groups[1].Value);

        var before = Snapshot();
        var again = _image.Bootstrap();

        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(6, _image.Server.Requests.Count);
        Assert.Equal(before, Snapshot());
        Assert.DoesNotContain("done in", again.Output.Split("All ")[0], StringComparison.Ordinal);
        Assert.Equal(0, _image.Bootstrap("--check").ExitCode);
    }

    [Fact]
    public void The_image_is_hardened()
    {
        Assert.Equal(0, _image.Bootstrap().ExitCode);

        var ssh = File.ReadAllText(_image["private/etc/ssh/sshd_config.d/000-macrunners.conf"]);
        Assert.Contains("PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitEmptyPasswords no\nPermitRootLogin no\n", ssh, StringComparison.Ordinal);
        Assert.Contains("AllowUsers admin\n", ssh, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(_image["key.pub"]), File.ReadAllText(_image["private/etc/ssh/macrunners_keys/admin"]));
        Assert.Equal("admin ALL=(ALL) NOPASSWD: ALL\n", File.ReadAllText(_image["private/etc/sudoers.d/macrunners"]));
        Assert.Equal("root\n", File.ReadAllText(_image["private/var/at/cron.allow"]));
        Assert.Equal("root\n", File.ReadAllText(_image["private/var/at/at.allow"]));
        Assert.False(File.Exists(_image["private/etc/kcpassword"]));
        Assert.True(File.Exists(_image["state/unindexed"]));
        Assert.Equal("0", File.ReadAllText(_image["state/com.apple.TimeMachine.AutoBackup"]).Trim());
        Assert.True(File.Exists(_image["state/disabled"]));
        Assert.Equal("the daemon", File.ReadAllText(_image["opt/macrunners/bin/macrunners"]));

        // Random, and in nobody's arguments, log or files.
        var password = File.ReadAllText(_image["state/password"]);
        Assert.Matches("^[0-9a-f]{48}$", password);
        Assert.DoesNotContain(_image.Calls, call => call.Contains(password, StringComparison.Ordinal));
        Assert.Equal(_image["state/password"], Scratch.Shell("grep -rl \"$1\" \"$2\"", password, _image[""].TrimEnd('/')).Trim());
    }

    [Fact]
    public void A_base_s_own_password_is_replaced_as_well_as_the_one_that_everybody_knows()
    {
        _image.SetFact("password", "Orka123");

        Assert.Equal(0, _image.Bootstrap().ExitCode);
        var password = File.ReadAllText(_image["state/password"]);
        Assert.Matches("^[0-9a-f]{48}$", password);

        // Once.
        Assert.Equal(0, _image.Bootstrap().ExitCode);
        Assert.Equal(password, File.ReadAllText(_image["state/password"]));
    }

    [Fact]
    public void A_check_changes_nothing_and_says_what_there_is_to_do()
    {
        AddAll();

        var (exitCode, output, _) = _image.Bootstrap("--check");

        Assert.Equal(1, exitCode);
        Assert.Contains("node 24.3.0: TO DO", output, StringComparison.Ordinal);
        Assert.Contains("password of admin: TO DO", output, StringComparison.Ordinal);
        Assert.Empty(_image.Server.Requests);
        Assert.False(Directory.Exists(_image["opt/node-24.3.0"]));
        Assert.False(Directory.Exists(_image["private/var/log"]));
        Assert.Equal("admin", File.ReadAllText(_image["state/password"]));
    }

    [Theory]
    [InlineData("wrong", "the manifest wants")]
    [InlineData("Html", "it is a web page")]
    [InlineData("Truncated", "could not be fetched completely (curl exit code ")]
    [InlineData("Missing", "could not be fetched completely (curl exit code 22)")]
    public void What_is_not_the_archive_is_refused_and_a_later_run_goes_on_there(string how, string said)
    {
        _image.Add("node", "24.3.0", "tar.gz");
        var path = _image.Add("bun", "1.2.17", "zip");
        _image.Add("llvm", "19.1.7", "tar.xz");
        var right = _image.Rows[3];
        if (Enum.TryParse<ArchiveServer.Bend>(how, out var bend))
        {
            _image.Server.Bent[path] = bend;
        }
        else
        {
            _image.Rows[3] = right.Replace(right.Split('\t')[5], new string('0', 64), StringComparison.Ordinal);
        }

        var (exitCode, output, error) = _image.Bootstrap();

        Assert.Equal(1, exitCode);
        Assert.Matches(@"step 2 of \d+ \(bun 1\.2\.17\) failed after \d+ s: ", error);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Contains("node 24.3.0: done", output, StringComparison.Ordinal);
        Assert.DoesNotContain("llvm", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_image["opt/bun-1.2.17"]));
        Assert.False(File.Exists(_image["usr/local/bin/bun"]));
        Assert.Empty(Directory.GetFileSystemEntries(_image["private/var/macrunners-image"]));

        _image.Server.Bent.Clear();
        _image.Rows[3] = right;
        Assert.Equal(0, _image.Bootstrap().ExitCode);
        Assert.Single(_image.Server.Requests, request => request.Contains("node", StringComparison.Ordinal));
        Assert.True(File.Exists(_image["opt/bun-1.2.17/bin/bun"]));
    }

    [Theory]
    [InlineData("tar.gz")]
    [InlineData("tar.xz")]
    [InlineData("zip")]
    public void An_archive_that_is_what_the_manifest_means_but_corrupt_is_not_installed(string format)
    {
        _image.Add("bun", "1.2.17", format);
        var file = _image[$"made/bun-1.2.17.{format}"];
        var good = MacImage.Sum(file);
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^20]);
        _image.Rows[^1] = _image.Rows[^1].Replace(good, MacImage.Sum(file), StringComparison.Ordinal);

        var (exitCode, _, error) = _image.Bootstrap();

        Assert.Equal(1, exitCode);
        Assert.Matches(@"step 1 of \d+ \(bun 1\.2\.17\) failed after \d+ s: the archive cannot be unpacked", error);
        Assert.False(Directory.Exists(_image["opt/bun-1.2.17"]));
        Assert.False(File.Exists(_image["usr/local/bin/bun"]));
    }

    [Theory]
    [InlineData("Bearer canary-of-the-storage", "Authorization: Bearer canary-of-the-storage")]
    [InlineData("?signature=canary-of-the-storage", "ADDRESS?signature=canary-of-the-storage")]
    public void A_storage_that_is_locked_is_opened_by_a_secret_which_nobody_sees(string key, string value)
    {
        var path = _image.Add("xcode", "16.2", "xip");
        _image.Server.Locked[path] = key;
        var address = _image.Rows[^1].Split('\t')[4];
        _image.Rows[^1] += "\tXCODE";
        _image.Rows.Add("homebrew\tjq\t-\tany\t-\t-\t-\t-\tjq\t-");

        // What curl was started with, and what the programs that are started after it have in their environment.
        Spy("curl", "printf '%s\\n' \"curl $*\" >>\"$IMAGE_ROOT/calls\"; exec /usr/bin/curl \"$@\"");
        Spy("shasum", "env >>\"$IMAGE_ROOT/environments\"; exec /usr/bin/shasum \"$@\"");
        _image.Input = $"OTHER=https://storage.example/x\nXCODE={value.Replace("ADDRESS", address, StringComparison.Ordinal)}\n";

        var (exitCode, output, error) = _image.Bootstrap("--storage-credentials");

        Assert.True(exitCode == 0, output + error);
        Assert.True(Directory.Exists(_image["Applications/Xcode-16.2.app"]));
        Assert.Contains(_image.Calls, call => call.StartsWith("curl --config - ", StringComparison.Ordinal));
        Assert.True(File.Exists(_image["environments"]));
        Assert.DoesNotContain("canary-of-the-storage", output + error, StringComparison.Ordinal);
        Assert.Equal("", Scratch.Shell("grep -rl canary-of-the-storage \"$1\" || true", _image[""].TrimEnd('/')));
    }

    [Theory]
    [InlineData("", "the manifest wants the credential XCODE, which was not given (--storage-credentials)")]
    [InlineData("OTHER=Authorization: Basic canary", "the manifest wants the credential XCODE")]
    [InlineData("XCODE=PRIVATE-TOKEN: canary", "is neither an https address nor a header Authorization")]
    [InlineData("XCODE=http://storage.example/?canary", "is neither an https address nor a header Authorization")]
    [InlineData("XCODE=Authorization: \"canary", "has quotes or backslashes")]
    public void A_credential_that_is_missing_or_unsafe_is_named_and_not_shown(string credentials, string said)
    {
        _image.Add("xcode", "16.2", "xip");
        _image.Rows[^1] += "\tXCODE";
        _image.Input = credentials;

        var (exitCode, output, error) = _image.Bootstrap("--storage-credentials");

        Assert.Equal(1, exitCode);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", output + error, StringComparison.Ordinal);
        Assert.Empty(_image.Server.Requests);
    }

    [Fact]
    public void What_was_fetched_is_not_fetched_again_when_a_later_part_of_the_step_failed()
    {
        var path = _image.Add("xcode", "16.2", "xip");
        File.WriteAllText(_image["fail/xip"], "");
        var (exitCode, _, error) = _image.Bootstrap();
        Assert.Equal(1, exitCode);
        Assert.Contains("(xcode 16.2) failed", error, StringComparison.Ordinal);
        Assert.Contains("xip could not expand", error, StringComparison.Ordinal);

        File.Delete(_image["fail/xip"]);
        Assert.Equal(0, _image.Bootstrap().ExitCode);
        Assert.Equal([path], _image.Server.Requests);
    }

    [Fact]
    public void A_new_version_replaces_the_one_before()
    {
        _image.Add("node", "24.3.0", "tar.gz");
        Assert.Equal(0, _image.Bootstrap().ExitCode);
        _image.Rows.RemoveAt(2);
        _image.Add("node", "24.4.0", "tar.gz");
        Assert.Equal(1, _image.Bootstrap("--check").ExitCode);

        Assert.Equal(0, _image.Bootstrap().ExitCode);

        Assert.Equal([_image["opt/node-24.4.0"]], Directory.GetDirectories(_image["opt"], "node-*"));
        Assert.Equal("/opt/node-24.4.0/bin/node", new FileInfo(_image["usr/local/bin/node"]).LinkTarget);
    }

    [Theory]
    [InlineData("brew", "jq (Homebrew)", "brew install jq ended with exit code 3")]
    [InlineData("softwareupdate", "command-line-tools", "")]
    [InlineData("mdutil", "Spotlight off", "")]
    [InlineData("defaults", "Time Machine off", "")]
    [InlineData("pmset", "never asleep", "")]
    [InlineData("ssh-keygen", "SSH keys", "is no public key")]
    [InlineData("sshd", "SSH by key only", "sshd refuses the configuration")]
    [InlineData("visudo", "sudo for whoever has the key", "visudo refuses the rule")]
    [InlineData("launchctl", "daemon, disabled", "")]
    public void Every_failure_names_its_step(string command, string step, string said)
    {
        _image.Rows.Add("softwareupdate\tcommand-line-tools\t-\tany\t-\t-\t-\t-\t-");
        _image.Rows.Add("homebrew\tjq\t-\tany\t-\t-\t-\t-\tjq");
        File.WriteAllText(_image[$"fail/{command}"], "");

        var (exitCode, _, error) = _image.Bootstrap();

        Assert.NotEqual(0, exitCode);
        Assert.Contains($"({step}) failed", error, StringComparison.Ordinal);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.False(File.Exists(_image["private/etc/ssh/sshd_config.d/000-macrunners.conf"]) && command == "sshd");
    }

    [Theory]
    [InlineData("13.7", "macOS 13.7 is not in the manifest, which knows 14 15")]
    [InlineData("27.0", "macOS 27.0 is not in the manifest, which knows 14 15")]
    public void An_unknown_macOS_is_refused_before_anything_is_done(string version, string said)
    {
        _image.SetFact("version", version);

        var (exitCode, _, error) = _image.Bootstrap();

        Assert.Equal(69, exitCode);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_image["private/var"]));
    }

    [Fact]
    public void All_faults_of_a_manifest_are_named_before_anything_is_done()
    {
        _image.Add("node", "24.3.0", "tar.gz");
        _image.Rows.Add("archive\tbun\t1.2.17\tarm64\t-\tabc\tzip\tyes\t-");
        _image.Rows.Add("archive\tcmake");
        _image.Rows.Add("homebrew\tjq\t-\tany\t-\t-\t-\t-\t-");
        _image.Rows.Add("magic\twand\t1\tany\t-\t-\t-\t-\t-");

        var (exitCode, _, error) = _image.Bootstrap();

        Assert.Equal(65, exitCode);
        foreach (var fault in new[]
        {
            "bun has no url", "bun has a sha256 of 3 digits", "bun has no links", "cmake has no version", "cmake has no url", "cmake has no processor", "jq has no formula",
            "nobody knows how to install by 'magic'",
        })
        {
            Assert.Contains(fault, error, StringComparison.Ordinal);
        }

        Assert.Empty(_image.Server.Requests);
    }

    [Theory]
    [InlineData("13.7.8", "arm64")]
    [InlineData("14.8", "arm64")]
    [InlineData("15.7", "x86_64")]
    [InlineData("26.1", "arm64")]
    [InlineData("26.1", "x86_64")]
    public void The_manifest_as_it_is_has_no_faults_on_any_macOS_and_processor(string version, string machine)
    {
        _image.SetFact("version", version);
        _image.SetFact("machine", machine);
        _image.Rows.Clear();
        _image.Rows.AddRange(File.ReadAllLines(Packaging.RepositoryRoot.PathOf("packaging", "software", "manifest.tsv")));

        var (exitCode, output, error) = _image.Bootstrap("--check");

        Assert.True(exitCode == 1, error);
        Assert.All(
            BuiltInManifest.Value.Software.Where(item => item.Version is not null), item => Assert.Single(Regex.Matches(output, $@"\] {item.Name} {Regex.Escape(item.Version!)}: TO DO\n")));
        Assert.Single(Regex.Matches(output, @"\] ninja \(Homebrew\): TO DO\n"));
    }

    [Fact]
    public void An_Intel_Mac_gets_the_archive_for_Intel_and_its_own_Homebrew()
    {
        _image.SetFact("machine", "x86_64");
        _image.Add("node", "24.3.0", "tar.gz");
        var path = _image.Add("node", "24.3.0", "zip");
        _image.Rows[^1] = _image.Rows[^1].Replace("\tarm64\t", "\tx64\t", StringComparison.Ordinal);
        _image.Rows.Add("homebrew\tjq\t-\tany\t-\t-\t-\t-\tjq\t-");

        Assert.Equal(0, _image.Bootstrap().ExitCode);

        Assert.Equal([path], _image.Server.Requests);
        Assert.True(Directory.Exists(_image["usr/local/opt/jq"]));
        Assert.False(Directory.Exists(_image["opt/homebrew/opt/jq"]));
        Assert.Contains("PATH=/usr/local/bin:/usr/local/sbin:$PATH ;;", File.ReadAllText(_image["opt/macrunners/image/profile"]), StringComparison.Ordinal);
        Assert.Equal(0, _image.Bootstrap("--check").ExitCode);
    }

    [Fact]
    public void Shells_have_the_pinned_tools_first_and_a_profile_without_a_line_twice()
    {
        File.WriteAllText(_image["private/etc/zprofile"], "# Apple's\n. /opt/macrunners/image/profile\n. /opt/macrunners/image/profile\n");

        for (var run = 1; run <= 3; run++)
        {
            Assert.Equal(0, _image.Bootstrap().ExitCode);
        }

        Assert.Equal(
            """
            # From bootstrap-macos.sh: changes here are lost with the next image.
            case ":$PATH:" in
            *:/usr/local/bin:/opt/homebrew/bin:/opt/homebrew/sbin:*) ;;
            *) PATH=/usr/local/bin:/opt/homebrew/bin:/opt/homebrew/sbin:$PATH ;;
            esac
            export PATH HOMEBREW_NO_ANALYTICS=1 HOMEBREW_NO_AUTO_UPDATE=1 HOMEBREW_NO_ENV_HINTS=1

            """,
            File.ReadAllText(_image["opt/macrunners/image/profile"]));
        Assert.Equal("# Apple's\n. /opt/macrunners/image/profile\n", File.ReadAllText(_image["private/etc/zprofile"]));
        Assert.Equal(". /opt/macrunners/image/profile\n", File.ReadAllText(_image["private/etc/profile"]));
        Assert.Equal(
            "/usr/local/bin:/opt/homebrew/bin:/opt/homebrew/sbin:/usr/bin",
            Scratch.Shell("PATH=/usr/bin; . \"$1\"; . \"$1\"; printf %s \"$PATH\"", _image["opt/macrunners/image/profile"]));
    }

    [Fact]
    public void What_is_not_in_the_manifest_is_not_installed()
    {
        _image.Rows.Add("homebrew\tjq\t-\tany\t-\t-\t-\t-\tjq\t-");

        Assert.Equal(0, _image.Bootstrap().ExitCode);

        Assert.Equal(["brew install --formula --quiet jq"], _image.Calls.Where(call => call.StartsWith("brew ", StringComparison.Ordinal)));
        Assert.DoesNotContain(_image.Calls, call => call.StartsWith("softwareupdate", StringComparison.Ordinal));
    }

    // The stub that stands before the system's own program.
    private void Spy(string program, string script)
    {
        var path = _image[$"usr/bin/{program}"];
        File.WriteAllText(path, $"#!/bin/bash\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private void AddAll()
    {
        _image.Rows.Add("softwareupdate\tcommand-line-tools\t-\tany\t-\t-\t-\t-\t-");
        _image.Add("node", "24.3.0", "tar.gz");
        _image.Add("llvm", "19.1.7", "tar.xz");
        _image.Add("bun", "1.2.17", "zip");
        _image.Add("buildkite-agent", "3.87.0", "tar.gz", hasTopFolder: false);
        _image.Rows.Add("homebrew\tjq\t-\tany\t-\t-\t-\t-\tjq");
        _image.Add("xcode", "16.2", "xip");
        _image.Add("ios", "18.2", "dmg");
    }

    // Every file with its time of change, but for the records of the stubs.
    private string Snapshot() => Scratch.Shell("cd \"$1\" && find . -path ./calls -prune -o -path ./software -prune -o -printf '%p %T@ %s %m\\n' | grep -v '^\\. ' | sort", _image[""]);

    [GeneratedRegex(@"^\[(\d+)/(\d+)\]", RegexOptions.Multiline)]
    private static partial Regex Numbered();
}
