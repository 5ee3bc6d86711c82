using MacRunners.Agent;
using MacRunners.Images;
using MacRunners.Platform;
using MacRunners.Platform.MacOS;
using MacRunners.Tests.Platform;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Tests.Images;

/// <summary>From the manifest to what is found in an image: on every macOS, and of archives in the form that their vendors give them.</summary>
public sealed class InstalledSoftwareTests : IAsyncLifetime
{
    private MacImage _image = null!;

    public async ValueTask InitializeAsync() => _image = await MacImage.CreateAsync();

    public async ValueTask DisposeAsync() => await _image.DisposeAsync();

    [Theory]
    [InlineData("13.7.8", "arm64", "Xcode-15.1")]
    [InlineData("13.7.8", "x86_64", "Xcode-15.1")]
    [InlineData("14.8", "arm64", "Xcode-16.2")]
    [InlineData("14.8", "x86_64", "Xcode-16.2")]
    [InlineData("15.7", "arm64", "Xcode-16.2")]
    [InlineData("15.7", "x86_64", "Xcode-16.2")]
    [InlineData("26.1", "arm64", "Xcode 26.4-26.4.1")]
    [InlineData("26.1", "x86_64", "Xcode 26.4-26.4.1")]
    public void The_whole_manifest_is_installed_on_every_macOS_and_processor(string version, string machine, string tools)
    {
        _image.SetFact("version", version);
        _image.SetFact("machine", machine);
        _image.Use(BuiltInManifest.Value);
        var processor = machine == "arm64" ? "arm64" : "x64";
        var archives = BuiltInManifest.Value.Software.Where(item => item.Install is Archive)
            .Select(item => (Item: item, Archive: (Archive)item.Install, Of: ((Archive)item.Install).Downloads.ContainsKey(processor) ? processor : "universal")).ToList();

        var (exitCode, output, error) = _image.Bootstrap();

        Assert.True(exitCode == 0, output + error);
        Assert.StartsWith($"macOS {version} on {processor}, ", output, StringComparison.Ordinal);
        Assert.Equal(archives.Select(one => $"/{Path.GetFileName(one.Item.Expand(one.Archive.Downloads[one.Of].Url))}"), _image.Server.Requests);
        Assert.Contains($"softwareupdate -i Command Line Tools for {tools} --verbose", _image.Calls);
        Assert.Equal(BuiltInManifest.Value.Software.Select(item => item.Install).OfType<HomebrewInstallation>().Select(brew => $"brew install --formula --quiet {brew.Formula}"), Brewed());
        var links = archives.SelectMany(one => one.Archive.Links.Select(link => (Name: one.Item.Expand(link.Key), Says: $"{one.Item.Name} {one.Item.Version} {one.Of}"))).ToList();
        Assert.Equal(links.Select(link => link.Says), Lines(_image.Shell(string.Join("; ", links.Select(link => link.Name)))));

        var requests = _image.Server.Requests.Count;
        var again = _image.Bootstrap();
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.DoesNotContain(Lines(again.Output), line => line.StartsWith('[') && !line.EndsWith(": is so already", StringComparison.Ordinal));
        Assert.Equal(requests, _image.Server.Requests.Count);
        Assert.Equal(0, _image.Bootstrap("--check").ExitCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("macOS Tahoe 26.2-25C56\n")]
    [InlineData("Command Line Tools (26.4)\nCommand Line Tools beta 2 for Xcode-26.5\n")]
    public void Tools_that_are_not_offered_in_a_known_form_fail_their_step(string offered)
    {
        _image.Use(Only(Item("command-line-tools")));
        _image.SetFact("offered", offered);

        var (exitCode, _, error) = _image.Bootstrap();

        Assert.Equal(1, exitCode);
        Assert.Contains("(command-line-tools) failed", error, StringComparison.Ordinal);
        Assert.Contains("softwareupdate -l offers no Command Line Tools", error, StringComparison.Ordinal);
        Assert.DoesNotContain(_image.Calls, call => call.StartsWith("softwareupdate -i", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("arm64")]
    [InlineData("x86_64")]
    public void CMake_is_installed_as_the_app_that_its_vendor_packs(string machine)
    {
        _image.SetFact("machine", machine);
        var item = Item("cmake");
        _image.Use(Only(item), """
            mkdir "cmake-$VERSION-macos-universal"
            cd "cmake-$VERSION-macos-universal"
            mkdir -p CMake.app/Contents/{MacOS,bin,share}
            cd CMake.app/Contents
            modules=share/cmake-${VERSION%.*}/Modules
            mkdir -p "$modules"
            echo >"$modules/CMakeDetermineSystem.cmake"
            for program in ccmake cmake cpack ctest; do
                printf '%s\n' '#!/bin/sh' 'here=$(dirname "$(readlink -f "$0")")' "[ -d \"\$here/../$modules\" ] || exec echo 'Could not find CMAKE_ROOT !!!'" \
                    "echo $program version $VERSION" >"bin/$program"
            done
            printf '#!/bin/sh\n' >MacOS/CMake
            chmod 0755 bin/* MacOS/CMake
            ln -s ../MacOS/CMake bin/cmake-gui
            """);

        // With bytes that are not those of the manifest's checksum.
        var archive = _image[$"made/cmake-{item.Version}-macos-universal.tar.gz"];
        var bytes = File.ReadAllBytes(archive);
        File.WriteAllBytes(archive, [.. bytes, 0]);
        var refused = _image.Bootstrap();
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("the manifest wants", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_image["opt"], "cmake*"));
        Assert.Empty(Links());

        File.WriteAllBytes(archive, bytes);
        var (exitCode, output, error) = _image.Bootstrap();

        Assert.True(exitCode == 0, output + error);
        Assert.Equal([$"/cmake-{item.Version}-macos-universal.tar.gz", $"/cmake-{item.Version}-macos-universal.tar.gz"], _image.Server.Requests);
        var programs = $"/opt/cmake-{item.Version}/CMake.app/Contents/bin";
        Assert.Equal([$"cmake -> {programs}/cmake", $"cpack -> {programs}/cpack", $"ctest -> {programs}/ctest"], Links());
        var said = Lines(_image.Shell("cmake --version; cpack --version; ctest --version"));
        Assert.Equal([$"cmake version {item.Version}", $"cpack version {item.Version}", $"ctest version {item.Version}"], said);
        Assert.Matches(item.ExpandPattern(item.Probe!.Expects), said[0]);
        Assert.Equal("../MacOS/CMake", new FileInfo(_image[$"{programs[1..]}/cmake-gui"]).LinkTarget);
        Assert.Equal(0, _image.Bootstrap("--check").ExitCode);
    }

    [Fact]
    public void Links_with_the_major_version_in_their_names_go_when_it_does_and_those_of_another_item_stay()
    {
        // Programs that are told by their names what to do, as LLVM's are.
        const string Content = """
            mkdir -p "LLVM-$VERSION-macOS-ARM64/bin"
            cd "LLVM-$VERSION-macOS-ARM64/bin"
            printf '#!/bin/sh\necho "${0##*/} of %s"\n' "$VERSION" | tee clang-real lld llvm-ar >llvm-objcopy
            chmod 0755 *
            ln -s clang-real clang
            ln -s clang clang++
            ln -s lld ld64.lld
            ln -s llvm-ar llvm-ranlib
            ln -s llvm-objcopy llvm-strip
            """;
        var item = Item("llvm");
        var older = item with { Name = "llvm-18", Version = "18.1.8", Install = (Archive)item.Install with { Links = new Dictionary<string, string> { ["clang-{major}"] = "bin/clang" } } };
        _image.Use(Only(item, older), Content);

        var (exitCode, output, error) = _image.Bootstrap();

        Assert.True(exitCode == 0, output + error);
        Assert.Equal(
            [
                "clang++-19 -> /opt/llvm-19.1.7/bin/clang++", "clang-18 -> /opt/llvm-18-18.1.8/bin/clang", "clang-19 -> /opt/llvm-19.1.7/bin/clang", "ld64.lld-19 -> /opt/llvm-19.1.7/bin/ld64.lld",
                "llvm-ar-19 -> /opt/llvm-19.1.7/bin/llvm-ar", "llvm-ranlib-19 -> /opt/llvm-19.1.7/bin/llvm-ranlib", "llvm-strip-19 -> /opt/llvm-19.1.7/bin/llvm-strip",
            ],
            Links());
        Assert.Equal(
            ["clang-18 of 18.1.8", "clang-19 of 19.1.7", "clang++-19 of 19.1.7", "ld64.lld-19 of 19.1.7", "llvm-ar-19 of 19.1.7", "llvm-ranlib-19 of 19.1.7", "llvm-strip-19 of 19.1.7"],
            Lines(_image.Shell("clang-18; clang-19; clang++-19; ld64.lld-19; llvm-ar-19; llvm-ranlib-19; llvm-strip-19")));
        Assert.Equal(0, _image.Bootstrap("--check").ExitCode);

        _image.Use(Only(item with { Version = "20.1.0" }, older), Content);
        Assert.Equal(1, _image.Bootstrap("--check").ExitCode);
        Assert.Equal(0, _image.Bootstrap().ExitCode);

        Assert.Equal(["clang++-20", "clang-18", "clang-20", "ld64.lld-20", "llvm-ar-20", "llvm-ranlib-20", "llvm-strip-20"], Links().Select(link => link.Split(' ')[0]));
        Assert.Equal([_image["opt/llvm-18-18.1.8"], _image["opt/llvm-20.1.0"]], Directory.GetFileSystemEntries(_image["opt"], "llvm*").Order(StringComparer.Ordinal));
        Assert.Equal(["/LLVM-19.1.7-macOS-ARM64.tar.xz", "/LLVM-18.1.8-macOS-ARM64.tar.xz", "/LLVM-20.1.0-macOS-ARM64.tar.xz"], _image.Server.Requests);
        Assert.Equal(0, _image.Bootstrap("--check").ExitCode);
    }

    [Fact]
    public void Two_Xcodes_stand_side_by_side_and_a_tag_gives_jobs_the_one_that_it_names()
    {
        _image.Use(Only(Xcode("xcode", "16.2"), Xcode("xcode-15", "15.4")));

        var (exitCode, output, error) = _image.Bootstrap();

        Assert.True(exitCode == 0, output + error);
        Assert.Equal(["/Xcode_16.2.xip", "/Xcode_15.4.xip"], _image.Server.Requests);
        var places = new MacPlatform(_image[""], new Tool(TimeProvider.System), TimeSpan.FromSeconds(30), TimeProvider.System, NullLoggerFactory.Instance).Places.DeveloperFolders;
        foreach (var version in new[] { "16.2", "15.4" })
        {
            var folder = DeveloperFolder.For(["os=macos", $"xcode={version}"], places);
            Assert.Equal(_image[$"Applications/Xcode-{version}.app/Contents/Developer"], folder);
            Assert.Equal($"Xcode {version}\n", Scratch.Shell("\"$1/usr/bin/xcodebuild\" -version", folder!));

            // The licence and the first launch of this one.
            Assert.Equal(["-license accept", "-runFirstLaunch"], _image.Calls.Zip(_image.Calls.Skip(1)).Where(pair => pair.Second == folder).Select(pair => pair.First["xcodebuild ".Length..]));
        }

        Assert.Equal(0, _image.Bootstrap().ExitCode);
        Assert.Equal(2, _image.Server.Requests.Count);
        Assert.Equal(4, _image.Calls.Count(call => call.StartsWith("xcodebuild ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("tailscale", "docker")]
    [InlineData("docker", "tailscale")]
    public void What_is_wanted_of_Tailscale_and_Docker_is_installed_without_a_login_and_what_is_not_to_be_had_is_not_tried(string wanted, string unwanted)
    {
        _image.Use(Only(Item(wanted), Item("macfuse")));

        var (exitCode, output, error) = _image.Bootstrap();

        Assert.True(exitCode == 0, output + error);
        Assert.Equal([$"brew install --formula --quiet {wanted}"], Brewed());
        Assert.Contains($"] {wanted} (Homebrew): done", output, StringComparison.Ordinal);
        Assert.DoesNotContain("macfuse", output, StringComparison.Ordinal);
        Assert.DoesNotContain(_image.Calls, call => call.Contains("macfuse", StringComparison.Ordinal) || call.Contains(unwanted, StringComparison.Ordinal));

        // Its only call: no login, and no daemon of it.
        Assert.Equal([$"brew install --formula --quiet {wanted}"], _image.Calls.Where(call => call.Contains(wanted, StringComparison.Ordinal) && !call.StartsWith("sudo ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("brew", "docker (Homebrew)", "brew install docker ended with exit code 4")]
    [InlineData("softwareupdate", "command-line-tools", "exit code 4")]
    [InlineData("xip", "xcode 16.2", "xip could not expand the archive")]
    [InlineData("xcodebuild", "xcode 16.2", "the licence could not be accepted")]
    public void A_program_that_asks_a_person_gets_no_answer_and_fails_its_step(string command, string step, string said)
    {
        _image.Use(Only(Item("command-line-tools"), Item("docker"), Xcode("xcode", "16.2")));
        File.WriteAllText(_image[$"ask/{command}"], "");
        _image.Input = "yes\nyes\nyes\n";

        var (exitCode, _, error) = _image.Bootstrap();

        Assert.NotEqual(0, exitCode);
        Assert.Contains($"({step}) failed", error, StringComparison.Ordinal);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    private static SoftwareItem Item(string name) => BuiltInManifest.Value.Software.Single(item => item.Name == name);

    private static SoftwareManifest Only(params SoftwareItem[] items) => BuiltInManifest.Value with { Software = items };

    private static SoftwareItem Xcode(string name, string version) => new(
        name, "Xcode", new XcodeInstallation(new Dictionary<string, Download> { ["universal"] = new("https://storage.example/Xcode_{version}.xip", new string('0', 64), "computed when it was stored") }), version);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private IEnumerable<string> Brewed() => _image.Calls.Where(call => call.StartsWith("brew ", StringComparison.Ordinal));

    // What was linked into the commands' folder, beside Homebrew's own.
    private IEnumerable<string> Links() => Directory.GetFileSystemEntries(_image["usr/local/bin"])
        .Select(path => $"{Path.GetFileName(path)} -> {new FileInfo(path).LinkTarget}").Where(link => !link.StartsWith("brew ", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
