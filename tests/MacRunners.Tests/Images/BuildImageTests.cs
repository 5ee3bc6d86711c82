using MacRunners.Tests.Packaging;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Images;

/// <summary>What Packer runs in the builder VM, from the upload to an image with nothing of the build.</summary>
public sealed class BuildImageTests : IAsyncLifetime
{
    private const string Upload = "private/var/tmp/image";
    private MacImage _image = null!;

    public async ValueTask InitializeAsync()
    {
        _image = await MacImage.CreateAsync();
        Directory.CreateDirectory(_image[$"{Upload}/packaging"]);
        _image.Variables["MACOS"] = "15";
        _image.Variables["ADMIN"] = "admin";
        _image.Variables["BASE_PASSWORD"] = "admin";
    }

    public async ValueTask DisposeAsync() => await _image.DisposeAsync();

    [Theory]
    [InlineData("tarball")]
    [InlineData("pkg")]
    public void An_image_is_made_of_a_tarball_or_of_a_released_package(string kind)
    {
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
    [InlineData("unsigned", 1)]
    [InlineData("half", 1)]
    public void What_is_no_package_ends_the_build(string kind, int code)
    {
        Put(kind);

        var (exitCode, _, _) = Build();

        Assert.True(exitCode >= code);
        Assert.False(File.Exists(_image["opt/macrunners/bin/macrunners"]));
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
