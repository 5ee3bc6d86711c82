using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Packaging;

/// <summary>What is in the archives: every path, mode and owner.</summary>
public sealed class PackageContentTests : IDisposable
{
    private static readonly string[] Common =
    [
        "755 0:0 files/opt/macrunners/bin/macrunners",
        "644 0:0 files/opt/macrunners/etc/macrunners.json.example",
        "755 0:0 files/opt/macrunners/install.sh",
        "644 0:0 files/opt/macrunners/lib/daemon.sh",
        "644 0:0 files/opt/macrunners/lib/files.sh",
        "644 0:0 files/opt/macrunners/lib/messages.sh",
        "644 0:0 files/opt/macrunners/lib/places.sh",
        "644 0:0 files/opt/macrunners/lib/service.sh",
        "644 0:0 files/opt/macrunners/lib/upgrade.sh",
        "755 0:0 files/opt/macrunners/uninstall.sh",
        "755 0:0 files/usr/local/bin/bun-ci/cleanup-build-user.sh",
        "755 0:0 files/usr/local/bin/bun-ci/create-build-user.sh",
        "777 0:0 files/usr/local/bin/macrunners -> ../../../opt/macrunners/bin/macrunners",
        "755 0:0 install.sh",
        "644 0:0 rid",
        "644 0:0 version",
    ];

    private static readonly string[] OnLinux = ["644 0:0 files/etc/systemd/system/macrunners.service", "644 0:0 files/etc/systemd/system/macrunners.socket"];

    private static readonly string[] OnMacOS =
    [
        "644 0:0 files/opt/macrunners/etc/full-disk-access.mobileconfig.example",
        "644 0:0 files/Library/LaunchDaemons/com.macrunners.daemon.plist",
        "644 0:0 files/private/etc/newsyslog.d/com.macrunners.conf",
        "777 0:0 files/usr/local/var/log/buildkite-agent/buildkite-agent.log -> ../../../../../private/var/log/macrunners/agent.log",
    ];

    private readonly Scratch _scratch = new();

    public PackageContentTests()
    {
        _ = Directory.CreateDirectory(_scratch["programs"]);
        File.WriteAllText(_scratch["programs/macrunners"], "the program");
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("linux", "linux-x64")]
    [InlineData("macos", "osx-arm64")]
    public void An_archive_holds_these_files_and_no_others(string system, string rid)
    {
        var files = Entries(Pack(system, rid, "022")).Where(entry => entry.EntryType is not TarEntryType.Directory).Select(entry =>
            $"{Convert.ToString((int)entry.Mode, 8)} {entry.Uid}:{entry.Gid} {entry.Name.Split('/', 2)[1]}{(entry.LinkName.Length > 0 ? $" -> {entry.LinkName}" : "")}");

        Assert.Equal(Common.Concat(system == "linux" ? OnLinux : OnMacOS).Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_folder_of_an_archive_is_roots_and_nobody_elses_to_write() => Assert.All(
        Entries(Pack("linux", "linux-x64", "000")).Where(entry => entry.EntryType is TarEntryType.Directory),
        entry => Assert.Equal((0, 0, (UnixFileMode)0b111_101_101), (entry.Uid, entry.Gid, entry.Mode)));

    [Fact]
    public void The_same_files_give_the_same_archive_whoever_packs_them_and_when()
    {
        var first = File.ReadAllBytes(Pack("linux", "linux-x64", "022"));
        File.SetLastWriteTime(_scratch["programs/macrunners"], new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var second = Pack("linux", "linux-x64", "077");

        Assert.Equal(first, File.ReadAllBytes(second));
        Assert.Equal($"{Convert.ToHexStringLower(SHA256.HashData(first))}  {Path.GetFileName(second)}\n", File.ReadAllText(second + ".sha256"));
    }

    [Fact]
    public void The_macOS_package_says_what_it_needs_elsewhere()
    {
        using var build = Process.Start(new ProcessStartInfo(RepositoryRoot.PathOf("packaging", "macos", "build-pkg.sh"), ["osx-arm64", _scratch["programs"], _scratch["out.pkg"]]) { RedirectStandardError = true })!;
        var error = build.StandardError.ReadToEnd();
        build.WaitForExit();

        Assert.Equal(1, build.ExitCode);
        Assert.Contains("can only be made on macOS", error, StringComparison.Ordinal);
        Assert.Contains("make package RID=osx-arm64", error, StringComparison.Ordinal);
    }

    private string Pack(string system, string rid, string umask)
    {
        var archive = _scratch[$"macrunners-1-{rid}.tar.gz"];
        var output = Scratch.Shell(
            "set -e; umask \"$1\"; export SOURCE_DATE_EPOCH=1000000000; \"$2/assemble.sh\" \"$3\" \"$4\" \"$5\" \"$6\"; \"$2/tarball.sh\" \"$6\" \"$7\"",
            umask, RepositoryRoot.PathOf("packaging"), system, rid, _scratch["programs"], _scratch["package"], archive);
        Assert.Equal(archive, output.Trim());
        return archive;
    }

    private static List<TarEntry> Entries(string archive)
    {
        using var stream = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        using var reader = new TarReader(stream);
        var entries = new List<TarEntry>();
        while (reader.GetNextEntry() is { } entry)
        {
            entries.Add(entry);
        }

        return entries;
    }
}
