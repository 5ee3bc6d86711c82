using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Platform.MacOS;
using MacRunners.Tests.Packaging;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Images;

/// <summary>What a hardened Mac says passes, and each thing that is missing fails its own check.</summary>
public sealed class MacImageHardeningTests : IDisposable
{
    private const string Privacy = "Library/Application Support/com.apple.TCC/MDMOverrides.plist";

    private const string Profile = "opt/macrunners/image/profile";

    private const string ProfileLine = ". /opt/macrunners/image/profile\n";

    private const string FirstBoot = "opt/macrunners/image/first-boot.sh";

    private const string FirstBootList = "Library/LaunchDaemons/com.macrunners.first-boot.plist";

    private const string Requirement = "fade0c0000000028";

    private readonly JobFolder _root = new();

    public MacImageHardeningTests()
    {
        _root.Put("usr/bin/dscl", "exit 185");
        _root.Put("usr/sbin/sshd", "[ $1 = -T ] && printf 'port 22\\npermitrootlogin no\\npasswordauthentication no\\nkbdinteractiveauthentication no\\npermitemptypasswords no\\n'");
        _root.Put("usr/bin/sudo", "[ \"$*\" = '-l -U nobody' ] && echo 'User nobody is not allowed to run sudo on vm.'");
        _root.Put("usr/bin/mdutil", "printf '/:\\n\\tIndexing disabled.\\n'");
        _root.Put("usr/bin/defaults", "[ \"$*\" = 'read /Library/Preferences/com.apple.TimeMachine AutoBackup' ] && echo 0");
        _root.Put("usr/bin/sqlite3", $"[ \"$1$2$3\" = '-readonly-separator|' ] && case $5 in *macrunners*) echo '2|{Requirement}' ;; esac");
        _root.Put("usr/bin/codesign", $"[ \"$1 $2\" = '--verify -R' ] && [ \"$(od -An -tx1 \"$3\" | tr -d ' \\n')\" = {Requirement} ] && case $4 in */opt/macrunners/bin/macrunners) exit 0 ;; esac");
        Put("private/var/at/cron.allow", "root\n");
        Put("private/var/at/at.allow", "root\n");
        _root.Put("bin/launchctl", "[ \"$*\" = 'print-disabled system' ] && printf 'disabled services = {\\n\\t\"com.macrunners.daemon\" => disabled\\n}\\n'");
        Put("private/etc/profile", "# Apple's\n" + ProfileLine);
        Put("private/etc/zprofile", ProfileLine);
        Put(Profile, "PATH=/usr/local/bin:$PATH\n");
        Put(FirstBootList, File.ReadAllText(RepositoryRoot.PathOf("packaging", "scripts", "first-boot.plist")));
        _root.Put(FirstBoot, "");
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_hardened_image_passes() => Assert.All(await LookAsync(), check => Assert.True(check.Value.IsMet, $"{check.Key}: {check.Value.Found}"));

    [Theory]
    [InlineData("default-login", "usr/bin/dscl", "[ \"$*\" = '. -authonly admin admin' ]", "admin/admin")]
    [InlineData("default-login", "usr/bin/dscl", "[ \"$*\" = '. -authonly vagrant vagrant' ]", "vagrant/vagrant")]
    [InlineData("ssh-by-key-only", "usr/sbin/sshd", "printf 'permitrootlogin no\\npasswordauthentication yes\\nkbdinteractiveauthentication no\\n'", "passwordauthentication yes, no permitemptypasswords")]
    [InlineData("ssh-by-key-only", "usr/sbin/sshd", "echo 'no hostkeys available' >&2; exit 1", "no hostkeys available")]
    [InlineData("no-sudo-for-jobs", "usr/bin/sudo", "printf 'User nobody may run the following commands on vm:\\n    (root) NOPASSWD: /bin/ls\\n'", "(root) NOPASSWD: /bin/ls")]
    [InlineData("no-sudo-for-jobs", "usr/bin/sudo", "echo '/etc/sudoers.d/base:1:7: syntax error' >&2; exit 1", "exit code 1: /etc/sudoers.d/base:1:7: syntax error")]
    [InlineData("spotlight-off", "usr/bin/mdutil", "printf '/:\\n\\tIndexing enabled.\\n'", "/: Indexing enabled.")]
    [InlineData("time-machine-off", "usr/bin/defaults", "echo 1", "exit code 0: 1")]
    [InlineData("time-machine-off", "usr/bin/defaults", "echo 'does not exist' >&2; exit 1", "does not exist")]
    [InlineData("full-disk-access", "usr/bin/sqlite3", "echo '0|'", "refused")]
    [InlineData("full-disk-access", "usr/bin/codesign", "exit 3", "granted, but to a program that is signed otherwise")]
    [InlineData("full-disk-access", "usr/bin/codesign", "echo 'code object is not signed at all' >&2; exit 1", "not known: exit code 1: code object is not signed at all")]
    [InlineData("spotlight-off", "usr/bin/mdutil", "exit 1", "mdutil -a -s failed")]
    [InlineData("full-disk-access", "usr/bin/sqlite3", "true", "not in the list")]
    [InlineData("full-disk-access", "usr/bin/sqlite3", "echo 'authorization denied' >&2; exit 1", "the list cannot be read")]
    [InlineData("first-boot", "bin/launchctl", "printf '\\t\"com.macrunners.first-boot\" => disabled\\n'", "\"com.macrunners.first-boot\" => disabled")]
    [InlineData("first-boot", "bin/launchctl", "printf '\\t\"com.macrunners.first-boot\" => true\\n'", "\"com.macrunners.first-boot\" => true")]
    [InlineData("first-boot", "bin/launchctl", "echo 'Could not print' >&2; exit 5", "exit code 5: Could not print")]
    public async Task A_tool_that_says_otherwise_fails_this_check_and_no_other(string check, string tool, string script, string found)
    {
        _root.Put(tool, script);

        await OnlyFailsAsync(check, found);
    }

    [Theory]
    [InlineData("no-auto-login", "private/etc/kcpassword", "xor", "kcpassword")]
    [InlineData("cron-for-root-only", "private/var/at/cron.allow", "root\nadmin\n", "others in ")]
    [InlineData("at-for-root-only", "private/var/at/at.allow", null, "everybody may")]
    [InlineData("shell-profile", Profile, null, "no /opt/macrunners/image/profile")]
    [InlineData("shell-profile", "private/etc/zprofile", null, "no /private/etc/zprofile")]
    [InlineData("shell-profile", "private/etc/profile", null, "no /private/etc/profile")]
    [InlineData("shell-profile", "private/etc/zprofile", "# Apple's\n#" + ProfileLine, "/private/etc/zprofile reads it 0 times")]
    [InlineData("shell-profile", "private/etc/zprofile", ProfileLine + ProfileLine, "/private/etc/zprofile reads it 2 times")]
    [InlineData("first-boot", FirstBoot, null, "no /opt/macrunners/image/first-boot.sh")]
    [InlineData("first-boot", FirstBootList, null, "no /Library/LaunchDaemons/com.macrunners.first-boot.plist")]
    [InlineData("first-boot", FirstBootList, "bplist00", "holds no property list")]
    [InlineData("first-boot", FirstBootList, "<?xml version=\"1.0\"?><plist><dict><key>Label</key><string>x</string></dict></plist>", "does something else")]
    public async Task A_file_that_says_otherwise_fails_this_check_and_no_other(string check, string path, string? content, string found)
    {
        if (content is null)
        {
            File.Delete(_root[path]);
        }
        else
        {
            Put(path, content);
        }

        await OnlyFailsAsync(check, found);
    }

    [Theory]
    [InlineData("<string>/opt/macrunners/image/first-boot.sh</string>", "<string>/private/tmp/first-boot.sh</string>")]
    [InlineData("<true/>", "<false/>")]
    [InlineData("<key>RunAtLoad</key>", "<key>Disabled</key><true/><key>RunAtLoad</key>")]
    public async Task A_first_boot_that_does_something_else_is_found(string text, string other)
    {
        var list = File.ReadAllText(_root[FirstBootList]);
        Assert.Contains(text, list, StringComparison.Ordinal);
        Put(FirstBootList, list.Replace(text, other, StringComparison.Ordinal));

        await OnlyFailsAsync("first-boot", "does something else");
    }

    [Theory]
    [InlineData("shell-profile", Profile)]
    [InlineData("shell-profile", "private/etc/zprofile")]
    [InlineData("first-boot", FirstBootList)]
    [InlineData("first-boot", FirstBoot)]
    public async Task What_root_runs_and_shells_read_is_root_s_alone(string check, string path)
    {
        var mode = File.GetUnixFileMode(_root[path]);
        File.SetUnixFileMode(_root[path], mode | UnixFileMode.GroupWrite);
        await OnlyFailsAsync(check, $"/{path} has mode {(path == FirstBoot ? "775" : "664")}");

        File.SetUnixFileMode(_root[path], mode);
        Scratch.Shell("chown 4321 \"$1\"", _root[path]);
        await OnlyFailsAsync(check, $"/{path} belongs to user number 4321");

        File.Delete(_root[path]);
        File.CreateSymbolicLink(_root[path], "/etc/hostname");
        await OnlyFailsAsync(check, $"/{path} is no file");
    }

    [Theory]
    [InlineData("enabled")]
    [InlineData("false")]
    public async Task A_first_boot_that_somebody_has_enabled_is_enabled(string word)
    {
        _root.Put("bin/launchctl", $"printf '\\t\"com.macrunners.first-boot\" => {word}\\n'");

        Assert.True((await LookAsync())["first-boot"].IsMet);
    }

    [Fact]
    public async Task A_grant_by_path_alone_is_one_for_whatever_is_there()
    {
        _root.Put("usr/bin/sqlite3", "echo '2|'");
        _root.Put("usr/bin/codesign", "exit 1");

        Assert.Equal((true, "granted, to whatever is at that path"), (await LookAsync())["full-disk-access"]);
    }

    [Theory]
    [InlineData("<key>Allowed</key><true/>", 0, true, "granted by a profile, and the program is signed as the grant wants")]
    [InlineData("<key>Allowed</key><integer>1</integer>", 0, true, "granted by a profile, and")]
    [InlineData("<key>Authorization</key><string>Allow</string>", 0, true, "granted by a profile, and")]
    [InlineData("<key>Allowed</key><true/>", 3, false, "granted by a profile, but to a program that is signed otherwise")]
    [InlineData("<key>Allowed</key><false/>", 0, false, "refused by a profile (false)")]
    [InlineData("<key>Authorization</key><string>Deny</string>", 0, false, "refused by a profile (Deny)")]
    public async Task Full_disk_access_may_come_from_a_profile(string answer, int verdict, bool isMet, string found)
    {
        Put(Privacy, "bplist00");
        PutProfile("/opt/macrunners/bin/macrunners", $"{answer}<key>CodeRequirement</key><string>identifier \"com.macrunners.daemon\"</string>");
        _root.Put("usr/bin/sqlite3", "true");
        _root.Put("usr/bin/codesign", $"[ \"$3\" = '=identifier \"com.macrunners.daemon\"' ] && exit {verdict}");

        var (isReallyMet, really) = (await LookAsync())["full-disk-access"];

        Assert.Equal(isMet, isReallyMet);
        Assert.StartsWith(found, really, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_of_another_program_leaves_the_list()
    {
        Put(Privacy, "bplist00");
        PutProfile("/opt/macrunners/bin/macrunners-other", "<key>Allowed</key><false/>");

        Assert.Equal((true, "granted, and the program is signed as the grant wants"), (await LookAsync())["full-disk-access"]);
    }

    private void PutProfile(string program, string grant) => _root.Put(
        "usr/bin/plutil",
        $"""
        [ "$1 $2 $3 $4" = '-convert xml1 -o -' ] && cat <<'LIST'
        <?xml version="1.0" encoding="UTF-8"?>
        <plist version="1.0"><dict><key>{program}</key><dict><key>kTCCServiceSystemPolicyAllFiles</key><dict>{grant}</dict></dict></dict></plist>
        LIST
        """);

    private async Task OnlyFailsAsync(string check, string found)
    {
        var results = await LookAsync();

        Assert.Equal([check], results.Where(result => !result.Value.IsMet).Select(result => result.Key));
        Assert.Contains(found, results[check].Found, StringComparison.Ordinal);
    }

    private async Task<Dictionary<string, (bool IsMet, string Found)>> LookAsync()
    {
        var results = new Dictionary<string, (bool IsMet, string Found)>();
        foreach (var check in new MacImageHardening(new Tool(TimeProvider.System), new LinuxFileCalls(), _root[""].TrimEnd('/')).Checks)
        {
            try
            {
                results[check.Name] = await check.LookAsync(TestContext.Current.CancellationToken);
            }
            catch (ToolException e)
            {
                results[check.Name] = (false, e.Message);
            }
        }

        return results;
    }

    private void Put(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root[path])!);
        File.WriteAllText(_root[path], content);
        File.SetUnixFileMode(_root[path], (UnixFileMode)0b110_100_100);
    }
}
