using System.Diagnostics;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Packaging;

/// <summary>The release's script over stub commands of macOS.</summary>
public sealed class ReleaseScriptTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public ReleaseScriptTests()
    {
        Directory.CreateDirectory(_scratch["bin"]);
        Directory.CreateDirectory(_scratch["home/Library/Keychains"]);
        Put("uname", "[ \"$1\" = -s ] && echo Darwin || echo arm64");
        Put("base64", "exec /usr/bin/base64 -d");
        Put("security", "printf '%s\\n' \"security $*\" >>\"$CALLS\"; case \"$*\" in \"$(cat \"$CALLS.fails\" 2>/dev/null)\") exit 44 ;; 'default-keychain -d user') echo '    \"/mine/login.keychain-db\"' ;; 'list-keychains -d user') printf '    \"%s\"\\n' '/mine/login.keychain-db' '/mine/two words.keychain-db' ;; esac");
        Put("make", "printf '%s\\n' \"make $*\" >>\"$CALLS\"; : >\"$HOME/Library/Keychains/macrunners-release.keychain-db\"; exit 9");
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("v0.0.0-other")]
    [InlineData("main")]
    public void A_tag_of_another_version_is_refused_before_anything_is_asked_for(string tag)
    {
        var (exitCode, error) = Release(("RELEASE_TAG", tag));

        Assert.Equal(1, exitCode);
        Assert.Contains($"the tag is {tag}, but the programs would say ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_release_that_fails_leaves_ones_own_keychains_as_they_were()
    {
        var (exitCode, error) = Release(Everything());

        Assert.True(exitCode == 9, error);
        Assert.Equal(
            [
                "security default-keychain -d user",
                "security list-keychains -d user",
                "make publish RID=osx-arm64",
                "security default-keychain -d user -s /mine/login.keychain-db",
                "security list-keychains -d user -s /mine/login.keychain-db /mine/two words.keychain-db",
                $"security delete-keychain {_scratch["home/Library/Keychains/macrunners-release.keychain-db"]}",
            ],
            File.ReadAllLines(_scratch["calls"]));
        Assert.Empty(Directory.GetFileSystemEntries(_scratch["home/Library/Keychains"]));
        Assert.Empty(Directory.GetFileSystemEntries(_scratch["tmp"]));
    }

    [Fact]
    public void Who_has_no_default_keychain_gets_none()
    {
        File.WriteAllText(_scratch["calls.fails"], "default-keychain -d user");

        var (exitCode, error) = Release(Everything());

        Assert.True(exitCode == 9, error);
        Assert.DoesNotContain(File.ReadAllLines(_scratch["calls"]), call => call.StartsWith("security default-keychain -d user -s", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(_scratch["tmp"]));
    }

    [Fact]
    public void Where_the_keychains_are_not_known_nothing_is_begun_and_nothing_left()
    {
        File.WriteAllText(_scratch["calls.fails"], "list-keychains -d user");

        var (exitCode, _) = Release(Everything());

        Assert.Equal(44, exitCode);
        Assert.DoesNotContain(File.ReadAllLines(_scratch["calls"]), call => call.StartsWith("make", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(_scratch["tmp"]));
    }

    [Fact]
    public void Secrets_that_cannot_be_read_leave_nothing()
    {
        var (exitCode, _) = Release([.. Everything(), ("NOTARY_KEY", "no base64!")]);

        Assert.Equal(1, exitCode);
        Assert.Empty(Directory.GetFileSystemEntries(_scratch["tmp"]));
    }

    private static (string Name, string Value)[] Everything()
    {
        var version = Scratch.Shell("\"$1\"", RepositoryRoot.PathOf("packaging", "version.sh")).Trim();
        var secrets = new[] { "CODESIGN_IDENTITY", "INSTALLER_IDENTITY", "SIGNING_IDENTITIES", "SIGNING_PASSPHRASE", "NOTARY_KEY", "NOTARY_KEY_ID", "NOTARY_ISSUER" };
        return [("RELEASE_TAG", $"v{version}"), .. secrets.Select(name => (name, "Y2FuYXJ5"))];
    }

    private void Put(string name, string script)
    {
        File.WriteAllText(_scratch[$"bin/{name}"], $"#!/bin/bash\n{script}\n");
        File.SetUnixFileMode(_scratch[$"bin/{name}"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private (int ExitCode, string Error) Release(params (string Name, string Value)[] variables)
    {
        Directory.CreateDirectory(_scratch["tmp"]);
        var start = new ProcessStartInfo("/bin/bash", [RepositoryRoot.PathOf("packaging", "macos", "release.sh"), "osx-arm64"]) { RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in variables.Concat([("PATH", $"{_scratch["bin"]}:/usr/bin:/bin"), ("HOME", _scratch["home"]), ("TMPDIR", _scratch["tmp"]), ("CALLS", _scratch["calls"])]))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }
}
