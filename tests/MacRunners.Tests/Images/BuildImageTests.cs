using MacRunners.Tests.Packaging;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Images;

/// <summary>What Packer runs in the builder VM, from the upload to an image with nothing of the build.</summary>
public sealed class BuildImageTests : IAsyncLifetime
{
    private const string Upload = "private/var/tmp/image";
    private const string Team = "A1B2C3D4E5";

    // As pkgutil writes it.
    private const string Signature = """
        Package "package.archive":
           Status: signed by a developer certificate issued by Apple for distribution
           Notarization: trusted by the Apple notary service
           Signed with a trusted timestamp on: 2026-11-24 02:00:00 +0000
           Certificate Chain:
            1. Developer ID Installer: Example (Macs) Ltd. (A1B2C3D4E5)
               Expires: 2031-01-01 00:00:00 +0000
            2. Developer ID Certification Authority
            3. Apple Root CA

        """;

    private MacImage _image = null!;

    public async ValueTask InitializeAsync()
    {
        _image = await MacImage.CreateAsync();
        Directory.CreateDirectory(_image[$"{Upload}/packaging"]);
        _image.Variables["MACOS"] = "15";
        _image.Variables["ADMIN"] = "admin";
        _image.Variables["BASE_PASSWORD"] = "admin";
        _image.SetFact("signature", Signature);
        _image.SetFact("team", Team);
    }

    public async ValueTask DisposeAsync() => await _image.DisposeAsync();

    [Theory]
    [InlineData("tarball", "")]
    [InlineData("tarball", Team)]
    [InlineData("pkg", Team)]
    public void An_image_is_made_of_a_tarball_or_of_a_released_package(string kind, string team)
    {
        _image.Variables["TEAM_ID"] = team;
        _image.Add("node", "24.3.0", "tar.gz");
        var path = _image.Add("xcode", "16.2", "xip");
        _image.Rows[^1] += "\tXCODE";
        _image.Server.Locked[path] = "Bearer canary-of-the-storage";
        _image.Variables["STORAGE_CREDENTIALS"] = "XCODE=Authorization: Bearer canary-of-the-storage";
        Put(kind);

        var (exitCode, output, error) = Build();

        Assert.True(exitCode == 0, output + error);
        Assert.Equal("the daemon", File.ReadAllText(_image["opt/macrunners/bin/macrunners"]));
        Assert.True(Directory.Exists(_image["Applications/Xcode-16.2.app"]));
        Assert.False(Directory.Exists(_image[Upload]));
        Assert.DoesNotContain("canary-of-the-storage", output + error, StringComparison.Ordinal);

        // Among what is searched: arguments of all commands, the environment of sudo, and what sudo has written to the system's log.
        Assert.Contains(_image.Calls, call => call.StartsWith("sudo -k -S ", StringComparison.Ordinal));
        Assert.Contains("MACOS=15", File.ReadAllText(_image["environments"]), StringComparison.Ordinal);
        Assert.DoesNotContain("PASSWORD", File.ReadAllText(_image["environments"]), StringComparison.Ordinal);
        Assert.Contains("log erase --all", _image.Calls);
        Assert.False(File.Exists(_image["state/unified-log"]));
        Assert.Equal("", Scratch.Shell("grep -rl canary-of-the-storage \"$1\" || true", _image[""].TrimEnd('/')));
    }

    [Theory]
    [InlineData("half", 2, "unexpected end of file")]
    [InlineData("empty", 2, "not in gzip format|unexpected end of file|does not look like a tar archive")]
    [InlineData("html", 2, "not in gzip format")]
    public void What_is_no_package_ends_the_build(string kind, int code, string said)
    {
        Put(kind);

        var (exitCode, _, error) = Build();

        Assert.Equal(code, exitCode);
        Assert.Matches(said, error);
        AssertNothingWasDone();
    }

    [Theory]
    [InlineData("", Signature, Team, "the package is a .pkg: set team_id to the Team ID")]
    [InlineData("A1.*", Signature, Team, "TEAM_ID 'A1.*' is no Team ID")]
    [InlineData(Team, "Package \"package.archive\":\n   Status: no signature\n", Team, "the package is not signed: Package")]
    [InlineData("B1B2C3D4E5", Signature, "B1B2C3D4E5", "the package is signed by somebody else than B1B2C3D4E5")]
    [InlineData(Team, "2. Developer ID Installer: x (A1B2C3D4E5)", Team, "the package is signed by somebody else than A1B2C3D4E5")]
    [InlineData(Team, "1. Developer ID Installer: x (A1B2C3D4E5) (B1B2C3D4E5)", Team, "the package is signed by somebody else than A1B2C3D4E5")]
    [InlineData(Team, "1. Mac Installer Distribution: x (A1B2C3D4E5)", Team, "the package is signed by somebody else than A1B2C3D4E5")]
    [InlineData(Team, "Status: signed by a developer certificate issued by Apple (Development)", Team, "the package is not signed for distribution")]
    [InlineData(Team, "Status: signed by untrusted certificate", Team, "the package is not signed for distribution")]
    [InlineData(Team, Signature, "B1B2C3D4E5", "the program in the package is not signed by A1B2C3D4E5")]
    public void A_package_that_the_operator_s_team_did_not_sign_ends_the_build(string team, string signature, string teamOfProgram, string said)
    {
        // What pkgutil says, in one line of it or in all.
        signature = signature.StartsWith("Status:", StringComparison.Ordinal) ? Signature.Replace("Status: signed by a developer certificate issued by Apple for distribution", signature, StringComparison.Ordinal)
            : signature.Contains('\n') ? signature
            : Signature.Replace("1. Developer ID Installer: Example (Macs) Ltd. (A1B2C3D4E5)", signature, StringComparison.Ordinal);
        _image.Variables["TEAM_ID"] = team;
        _image.SetFact("signature", signature);
        _image.SetFact("team", teamOfProgram);
        Put("pkg");

        var (exitCode, _, error) = Build();

        Assert.Equal(65, exitCode);
        Assert.Contains($"build-image.sh: {said}", error, StringComparison.Ordinal);
        AssertNothingWasDone();
    }

    [Fact]
    public void A_tarball_s_program_is_the_team_s_too_when_one_is_named()
    {
        _image.Variables["TEAM_ID"] = "B1B2C3D4E5";
        Put("tarball");

        var (exitCode, _, error) = Build();

        Assert.Equal(65, exitCode);
        Assert.Contains("the program in the package is not signed by B1B2C3D4E5", error, StringComparison.Ordinal);
        AssertNothingWasDone();
    }

    [Fact]
    public void With_a_wrong_password_nothing_else_is_taken_for_one()
    {
        Put("tarball");
        _image.SetFact("password", "another");
        _image.Variables["STORAGE_CREDENTIALS"] = "XCODE=Authorization: Bearer canary-of-the-storage";

        var (exitCode, output, _) = Build();

        Assert.NotEqual(0, exitCode);
        Assert.DoesNotContain("step", output, StringComparison.Ordinal);
        Assert.Equal("admin\n", File.ReadAllText(_image["tried-as-password"]));
    }

    [Fact]
    public void Another_macOS_than_was_asked_for_is_refused()
    {
        Put("tarball");
        _image.Variables["MACOS"] = "14";

        var (exitCode, _, error) = Build();

        Assert.Equal(69, exitCode);
        Assert.Contains("the base image is macOS 15.1, but 14 was asked for", error, StringComparison.Ordinal);
    }

    private void AssertNothingWasDone()
    {
        Assert.False(File.Exists(_image["opt/macrunners/bin/macrunners"]));
        Assert.DoesNotContain(_image.Calls, call => call.StartsWith("sudo ", StringComparison.Ordinal));
    }

    private void Put(string kind)
    {
        var archive = _image[$"{Upload}/package.archive"];
        switch (kind)
        {
            case "tarball":
                Scratch.Shell("tar -czf \"$1\" -C \"$2\" package", archive, _image[""]);
                break;
            case "half":
                Scratch.Shell("tar -czf - -C \"$2\" package | head -c 100 >\"$1\"", archive, _image[""]);
                break;
            case "empty":
                File.WriteAllText(archive, "");
                break;
            case "html":
                File.WriteAllText(archive, "<!DOCTYPE html><html><body>Sign in</body></html>");
                break;
            default:
                File.WriteAllText(archive, $"xar! {kind}");
                break;
        }

        File.Copy(_image["key.pub"], _image[$"{Upload}/key.pub"]);
        Scratch.Shell("cp -r \"$1\" \"$2\"", RepositoryRoot.PathOf("packaging", "scripts"), _image[$"{Upload}/packaging/scripts"]);
    }

    private (int ExitCode, string Output, string Error) Build()
    {
        // As Packer uploads it.
        Directory.CreateDirectory(_image[$"{Upload}/packaging/software"]);
        File.WriteAllText(_image[$"{Upload}/packaging/software/manifest.tsv"], string.Concat(_image.Rows.Select(row => row + "\n")));
        File.Copy(_image["software/manifest.json"], _image[$"{Upload}/packaging/software/manifest.json"]);
        return _image.Run("build-image.sh");
    }
}
