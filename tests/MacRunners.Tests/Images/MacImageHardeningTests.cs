using MacRunners.Platform;
using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Images;

/// <summary>What a hardened Mac says passes, and each thing that is missing fails its own check.</summary>
public sealed class MacImageHardeningTests : IDisposable
{
    private const string Privacy = "Library/Application Support/com.apple.TCC/MDMOverrides.plist";

    private const string Requirement = "fade0c0000000028";

    private readonly JobFolder _root = new();

    public MacImageHardeningTests()
    {
        _root.Put("usr/bin/dscl", "exit 185");
        _root.Put("usr/sbin/sshd", "[ $1 = -T ] && printf 'port 22\\npermitrootlogin no\\npasswordauthentication no\\nkbdinteractiveauthentication no\\npermitemptypasswords no\\n'");
        _root.Put("usr/bin/mdutil", "printf '/:\\n\\tIndexing disabled.\\n'");
        _root.Put("usr/bin/defaults", "[ \"$*\" = 'read /Library/Preferences/com.apple.TimeMachine AutoBackup' ] && echo 0");
        _root.Put("usr/bin/sqlite3", $"[ \"$1$2$3\" = '-readonly-separator|' ] && case $5 in *macrunners*) echo '2|{Requirement}' ;; esac");
        _root.Put("usr/bin/codesign", $"[ \"$1 $2\" = '--verify -R' ] && [ \"$(od -An -tx1 \"$3\" | tr -d ' \\n')\" = {Requirement} ] && case $4 in */opt/macrunners/bin/macrunners) exit 0 ;; esac");
        Put("private/var/at/cron.allow", "root\n");
        Put("private/var/at/at.allow", "root\n");
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_hardened_image_passes() => Assert.All(await LookAsync(), check => Assert.True(check.Value.IsMet, $"{check.Key}: {check.Value.Found}"));

    [Theory]
    [InlineData("default-login", "usr/bin/dscl", "[ \"$*\" = '. -authonly admin admin' ]", "admin/admin")]
    [InlineData("ssh-by-key-only", "usr/sbin/sshd", "printf 'permitrootlogin no\\npasswordauthentication yes\\nkbdinteractiveauthentication no\\n'", "passwordauthentication yes, no permitemptypasswords")]
    [InlineData("ssh-by-key-only", "usr/sbin/sshd", "echo 'no hostkeys available' >&2; exit 1", "no hostkeys available")]
    [InlineData("spotlight-off", "usr/bin/mdutil", "printf '/:\\n\\tIndexing enabled.\\n'", "/: Indexing enabled.")]
    [InlineData("time-machine-off", "usr/bin/defaults", "echo 1", "exit code 0: 1")]
    [InlineData("time-machine-off", "usr/bin/defaults", "echo 'does not exist' >&2; exit 1", "does not exist")]
    [InlineData("full-disk-access", "usr/bin/sqlite3", "echo '0|'", "refused")]
    [InlineData("full-disk-access", "usr/bin/codesign", "exit 3", "granted, but to a program that is signed otherwise")]
    [InlineData("full-disk-access", "usr/bin/codesign", "echo 'code object is not signed at all' >&2; exit 1", "not known: exit code 1: code object is not signed at all")]
    [InlineData("spotlight-off", "usr/bin/mdutil", "exit 1", "mdutil -a -s failed")]
    [InlineData("full-disk-access", "usr/bin/sqlite3", "true", "not in the list")]
    [InlineData("full-disk-access", "usr/bin/sqlite3", "echo 'authorization denied' >&2; exit 1", "the list cannot be read")]
    public async Task A_tool_that_says_otherwise_fails_this_check_and_no_other(string check, string tool, string script, string found)
    {
        _root.Put(tool, script);

        await OnlyFailsAsync(check, found);
    }

    [Theory]
    [InlineData("no-auto-login", "private/etc/kcpassword", "xor", "kcpassword")]
    [InlineData("cron-for-root-only", "private/var/at/cron.allow", "root\nadmin\n", "others in ")]
    [InlineData("at-for-root-only", "private/var/at/at.allow", null, "everybody may")]
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
        foreach (var check in new MacImageHardening(new Tool(TimeProvider.System), _root[""].TrimEnd('/')).Checks)
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
    }
}
