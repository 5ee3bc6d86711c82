using System.Diagnostics;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Packaging;

/// <summary>What goes into an image: a release, or this tree.</summary>
public sealed class ImagePackageTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public ImagePackageTests()
    {
        foreach (var file in new[] { "packaging/image-package.sh", "packaging/version.sh", "Directory.Build.props" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_scratch[file])!);
            File.Copy(RepositoryRoot.PathOf(file.Split('/')), _scratch[file]);
        }

        Directory.CreateDirectory(_scratch["bin"]);
        Put(
            "gh",
            """
            [ "$1 $2" = 'release download' ] && [ -d "assets/$3" ] || { echo 'release not found' >&2; exit 1; }
            found=''
            for pattern in "$7" "$9"; do
                [ ! -f "assets/$3/$pattern" ] || { cp "assets/$3/$pattern" "$5/"; found=yes; }
            done
            [ "$4 $6 $8" = '--dir --pattern --pattern' ] && [ -n "$found" ]
            """);
        Put(
            "make",
            """
            [ "$1" = "artifacts/macrunners-$(packaging/version.sh)-osx-arm64.tar.gz" ] && [ "$2" = RID=osx-arm64 ] || exit 2
            [ ! -e make.nothing ] || exit 0
            name=$(basename "$1" .tar.gz)
            mkdir -p "made/$name"
            if [ -e packed-version ]; then cp packed-version "made/$name/version"; else packaging/version.sh >"made/$name/version"; fi
            tar -czf "$1" -C made "$name"
            """);
    }

    public void Dispose() => _scratch.Dispose();

    private string Version => Scratch.Shell("\"$1\"", _scratch["packaging/version.sh"]).Trim();

    [Fact]
    public void Of_a_tree_the_tarball_that_was_just_made_whatever_else_lies_there()
    {
        Directory.CreateDirectory(_scratch["artifacts"]);
        File.WriteAllText(_scratch[$"artifacts/macrunners-{Version}-osx-arm64.pkg"], "xar! unsigned");
        File.WriteAllText(_scratch["artifacts/macrunners-0.0.1-osx-arm64.tar.gz"], "old");

        Assert.Equal((0, ""), Run(""));

        Assert.Equal(Version, Scratch.Shell("tar -xzOf \"$1\" \"macrunners-$2-osx-arm64/version\"", _scratch["artifacts/image-package"], Version).Trim());
    }

    [Fact]
    public void A_tarball_of_another_version_than_the_tree_is_refused()
    {
        File.WriteAllText(_scratch["packed-version"], "0.0.1\n");

        Assert.Equal((1, $"image-package.sh: artifacts/macrunners-{Version}-osx-arm64.tar.gz has the version 0.0.1, this source tree {Version}\n"), Run(""));
    }

    [Fact]
    public void What_was_not_made_is_not_replaced_by_what_was_there()
    {
        Directory.CreateDirectory(_scratch["artifacts"]);
        File.WriteAllText(_scratch["artifacts/image-package"], "of the run before");
        File.WriteAllText(_scratch["make.nothing"], "");

        Assert.Equal((1, $"image-package.sh: make did not make artifacts/macrunners-{Version}-osx-arm64.tar.gz\n"), Run(""));
    }

    [Fact]
    public void Of_a_release_the_package_of_its_own_version()
    {
        Release("v1.0.0", "1.0.0", "xar! released");
        Release("v1.0.0", "0.9.0", "xar! left over");

        Assert.Equal((0, ""), Run("v1.0.0"));
        Assert.Equal("xar! released", File.ReadAllText(_scratch["artifacts/image-package"]));
    }

    [Theory]
    [InlineData("v2.0.0", "xar!", "the release v2.0.0 could not be fetched")]
    [InlineData("latest", "xar!", "IMAGE_RELEASE is latest: give the tag of a release")]
    [InlineData("v1.0.0", "half", "macrunners-1.0.0-osx-arm64.pkg of the release v1.0.0 is no package of macOS")]
    [InlineData("v1.1.0", "xar!", "could not be fetched, or has no macrunners-1.1.0-osx-arm64.pkg")]
    [InlineData("v1.2.0", "xar!", "the release v1.2.0 has no macrunners-1.2.0-osx-arm64.pkg.sha256")]
    [InlineData("v1.3.0", "xar!", "macrunners-1.3.0-osx-arm64.pkg of the release v1.3.0 is not what its .sha256 says")]
    public void A_release_that_has_it_not_or_otherwise_is_refused(string release, string content, string said)
    {
        Release("v1.0.0", "1.0.0", content);
        Release("v1.1.0", "1.0.0", content);
        Release("v1.2.0", "1.2.0", content);
        File.Delete(_scratch["assets/v1.2.0/macrunners-1.2.0-osx-arm64.pkg.sha256"]);
        Release("v1.3.0", "1.3.0", content);
        File.AppendAllText(_scratch["assets/v1.3.0/macrunners-1.3.0-osx-arm64.pkg"], "changed");

        var (exitCode, error) = Run(release);

        Assert.Equal(1, exitCode);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.False(Path.Exists(_scratch["artifacts/image-package"]));
        Assert.False(Path.Exists(_scratch["artifacts/image-package.new"]));
    }

    private void Release(string tag, string version, string content)
    {
        Directory.CreateDirectory(_scratch[$"assets/{tag}"]);
        File.WriteAllText(_scratch[$"assets/{tag}/macrunners-{version}-osx-arm64.pkg"], content);
        Scratch.Shell("cd \"$1\" && sha256sum \"$2\" >\"$2.sha256\"", _scratch[$"assets/{tag}"], $"macrunners-{version}-osx-arm64.pkg");
    }

    private (int ExitCode, string Error) Run(string release)
    {
        var start = new ProcessStartInfo("/bin/bash", [_scratch["packaging/image-package.sh"]]) { RedirectStandardError = true };
        start.Environment["PATH"] = $"{_scratch["bin"]}:/usr/bin:/bin";
        start.Environment["IMAGE_RELEASE"] = release;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }

    private void Put(string name, string script)
    {
        File.WriteAllText(_scratch[$"bin/{name}"], $"#!/bin/bash\n{script}\n");
        File.SetUnixFileMode(_scratch[$"bin/{name}"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
