using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using MacRunners.Images;
using MacRunners.Isolation;
using MacRunners.Platform;
using MacRunners.Platform.Linux;
using MacRunners.Platform.MacOS;
using MacRunners.Tests.Commands;
using MacRunners.Tests.Hosting;
using MacRunners.Tests.Packaging;
using MacRunners.Tests.Platform.MacOS;

namespace MacRunners.Tests.Images;

/// <summary>Probes over real programs, one by one and by the verb.</summary>
public sealed class ImageVerificationTests : IDisposable
{
    private static readonly SoftwareItem Node = BuiltInManifest.Value.Software.Single(item => item.Name == "node");

    private readonly JobFolder _folder = new();

    private readonly string _agent;

    public ImageVerificationTests() => _agent = _folder.Put("agent", "echo 'buildkite-agent version 3.87.0, build 8970'");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("echo v24.3.0", true, "v24.3.0")]
    [InlineData("echo v24.3.1", false, "expected 24.3.0, found v24.3.1")]
    [InlineData("echo; echo v24.3.0 >&2", true, "v24.3.0")]
    [InlineData("echo v24.3.0; exit 3", false, "exit code 3")]
    [InlineData("exit 0", false, "expected 24.3.0, found no output")]
    [InlineData(null, false, "expected 24.3.0, found no node in the PATH of jobs")]
    public async Task Software_is_there_in_exactly_its_version(string? script, bool passes, string said)
    {
        if (script is not null)
        {
            _folder.Put("bin/node", script);
        }

        File.CreateSymbolicLink(_folder["bin/dangling"], "/nowhere");
        Assert.Null(_folder.Programs.Find("dangling"));

        // Without the system's folders: this machine may have one, too.
        var result = await ProbeAsync(new SoftwareProbe(Node, Node.Probe!, new JobPrograms(_folder["bin"], new MacRunners.Platform.Tool(TimeProvider.System))));

        Assert.Equal(passes, result.Passed);
        Assert.Contains(said, result.Detail, StringComparison.Ordinal);
        Assert.Equal(script is null ? null : _folder["bin/node"], result.Where);
    }

    [Fact]
    public async Task A_program_for_another_processor_is_refused_without_being_started()
    {
        File.Copy("/usr/bin/env", _folder["bin/node"]);
        using (var file = File.OpenWrite(_folder["bin/node"]))
        {
            file.Position = 18;
            file.Write(RuntimeInformation.OSArchitecture == Architecture.X64 ? [183, 0] : [62, 0]);
        }

        var result = await ProbeAsync(new SoftwareProbe(Node, Node.Probe!, _folder.Programs));

        Assert.False(result.Passed);
        Assert.Contains("it would need Rosetta", result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cffaedfe0c000001", "Arm64")]
    [InlineData("cffaedfe07000001", "X64")]
    [InlineData("cafebabe00000002" + "01000007000000030000400000001000" + "0000000e" + "0100000c000000000000800000001000" + "0000000e", "X64,Arm64")]
    [InlineData("cafebabe00000041", "")]
    [InlineData("23212f62696e2f7368", "")]
    public void The_processor_is_read_from_the_first_bytes(string head, string expected)
    {
        var bytes = new byte[512];
        Convert.FromHexString(head).CopyTo(bytes, 0);

        Assert.Equal(expected, string.Join(',', ExecutableArchitecture.Of(bytes).Order()));
    }

    [Fact]
    public async Task Probes_run_at_the_same_time_and_none_longer_than_its_limit()
    {
        // Each waits for the other.
        _folder.Put("bin/a", $"touch {_folder["a"]}; while [ ! -e {_folder["b"]} ]; do sleep 0.1; done; echo 1");
        _folder.Put("bin/b", $"touch {_folder["b"]}; while [ ! -e {_folder["a"]} ]; do sleep 0.1; done; echo 1");
        _folder.Put("bin/c", "sleep 600");
        var probes = "abc".Select(letter => $"{letter}").Select(name => new SoftwareProbe(new(name, name, new BaseInstallation()), new(name, [], "1"), _folder.Programs)).ToList();

        var report = await VerifyAsync(new Sound(), probes, TimeSpan.FromSeconds(10));

        Assert.Equal((3, 1, 0), (report.Ok, report.Failed, report.Skipped));
        Assert.Equal("expected an answer within 10 s, found none", report.Probes[3].Detail);
    }

    [Theory]
    [InlineData("llvm", "clang-19", "exec gcc \"$@\"", true)]
    [InlineData("llvm", "clang-19", "exit 0", false)]
    [InlineData("node", "node", "printf e3b0c442", true)]
    [InlineData("node", "node", "printf e3b0c443", false)]
    [InlineData("bun", "bun", "[ \"$1\" = run ] && grep -q 'answer: number' \"$2\" && echo 42", true)]
    [InlineData("bun", "bun", "echo 41", false)]
    [InlineData("cmake", "cmake", "mkdir $4 && printf yes >$4/made", true)]
    [InlineData("cmake", "cmake", "echo 'no generator'; exit 1", false)]
    [InlineData("git", "unused", "", true)]
    [InlineData("git", "git", "exit 1", false)]
    public async Task Software_works(string name, string program, string script, bool passes)
    {
        _folder.Put($"bin/{program}", script);
        var item = BuiltInManifest.Value.Software.Single(item => item.Name == name);

        var result = await ProbeAsync(new ScriptProbe(item, ScriptProbe.ScriptOf(item)!, _folder.Programs));

        Assert.True(result.Passed == passes, result.Detail);
        Assert.Equal($"{name} works", result.Name);
    }

    [Theory]
    [InlineData("llvm", "cc", "compiled, linked and ran a C program")]
    [InlineData("cmake", "cmake", "configured a project")]
    [InlineData("node", "node", "ran JavaScript")]
    [InlineData("bun", "bun", "ran TypeScript")]
    [InlineData("git", "git", "cloned a repository")]
    public async Task A_real_tool_of_any_version_works_and_one_that_only_tells_its_version_does_not(string name, string program, string said)
    {
        var real = _folder.Programs.Find(program);
        Assert.SkipWhen(real is null, $"there is no {program} here");
        var item = BuiltInManifest.Value.Software.Single(item => item.Name == name);
        var called = $"bin/{item.Expand(item.Probe!.Program)}";
        var probe = new ScriptProbe(item, ScriptProbe.ScriptOf(item)!, _folder.Programs);

        _folder.Put(called, $"exec {real} \"$@\"");
        var works = await ProbeAsync(probe);
        Assert.True(works.Passed, works.Detail);
        Assert.Equal(said, works.Found);

        _folder.Put(called, $"exec {real} --version");
        var broken = await ProbeAsync(probe);
        Assert.False(broken.Passed, broken.Detail);
        Assert.StartsWith("expected a script that uses it to succeed, found exit code ", broken.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_probes_are_exactly_those_of_the_manifest()
    {
        var file = RepositoryRoot.PathOf("packaging", "software", "manifest.json");
        var software = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(file)).GetProperty("software").EnumerateArray().ToList();
        var names = software.Select(item => item.GetProperty("name").GetString()!).ToList();
        Assert.Equal(names, BuiltInManifest.Value.Software.Select(item => item.Name));
        var used = names.Where(name => File.Exists(RepositoryRoot.PathOf("src", "MacRunners", "Images", "Functions", $"{name}.sh")));

        var (_, output, error) = Verify("--manifest", file, "--probes", _folder["absent"], "--no-self-test", "--json");

        Assert.Equal("", error);
        Assert.Equal(
            ["search-path", .. names.Where((_, index) => software[index].TryGetProperty("probe", out var _)), .. used.Select(name => $"{name} works"), "health", "self-test"],
            JsonSerializer.Deserialize<JsonElement>(output).GetProperty("probes").EnumerateArray().Select(probe => probe.GetProperty("name").GetString()!));
    }

    [Fact]
    public async Task Each_program_is_asked_as_the_manifest_says()
    {
        // Those with a place of their own are not this test's to exchange.
        var items = BuiltInManifest.Value.Software.Where(item => item.Probe?.Program.StartsWith('/') is false).ToList();
        Assert.All(items, item => _folder.Put($"bin/{item.Expand(item.Probe!.Program)}", "echo \"asked: $*\""));

        var report = await VerifyAsync(new Sound(), [.. items.Select(item => new SoftwareProbe(item, item.Probe!, _folder.Programs))], TimeSpan.FromSeconds(60));

        Assert.Equal(
            items.Select(item => (item.Name, ProbeStatus.Failed, $"asked: {string.Join(' ', item.Probe!.Arguments)}")),
            report.Probes.Skip(1).Select(probe => (probe.Name, probe.Status, probe.Found)));
    }

    [Fact]
    public void Every_script_belongs_to_a_software_of_the_manifest() => Assert.Equal(
        typeof(ScriptProbe).Assembly.GetManifestResourceNames().Count(name => name.StartsWith("Images/Functions/", StringComparison.Ordinal)),
        BuiltInManifest.Value.Software.Count(item => ScriptProbe.ScriptOf(item) is not null));

    [Fact]
    public async Task Programs_in_the_folder_are_probes_if_only_root_can_change_them()
    {
        _folder.Put("probes/10-good", "echo all is well");
        _folder.Put("probes/20-bad", "echo not well; exit 7");
        _folder.Put("probes/30-open", "echo mine", (UnixFileMode)0b111_111_111);
        var probes = DropInProbe.In(_folder["probes"], _folder.Programs, new LinuxFileCalls()).ToList();

        var report = await VerifyAsync(new Sound(), probes, TimeSpan.FromSeconds(60));

        Assert.Equal(["sound", "10-good", "20-bad", "30-open"], report.Probes.Select(probe => probe.Name));
        Assert.Equal("all is well", report.Probes[1].Found);
        Assert.Contains("exit code 7: not well", report.Probes[2].Detail, StringComparison.Ordinal);
        Assert.Contains("can be changed by others than root", report.Probes[3].Detail, StringComparison.Ordinal);
        Assert.Empty(DropInProbe.In(_folder["absent"], _folder.Programs, new LinuxFileCalls()));
    }

    [Fact]
    public async Task What_jobs_could_change_in_their_path_is_named()
    {
        var programs = new JobPrograms($"{_folder["bin"]}:{_folder["absent"]}", new MacRunners.Platform.Tool(TimeProvider.System));
        var good = await ProbeAsync(new SearchPathProbe(programs));
        Assert.True(good.Passed, good.Detail);

        File.CreateSymbolicLink(_folder["bin/dangling"], "/nowhere");
        Assert.True((await ProbeAsync(new SearchPathProbe(programs))).Passed);
        Assert.Equal(_folder["bin/open"], await FoundAsync(() => _folder.Put("bin/open", "", (UnixFileMode)0b111_101_111)));

        // Who can make what a link leads to, or exchange a folder on the way there, has the program, too.
        Directory.CreateDirectory(_folder["everybody"], (UnixFileMode)0b1_111_111_111);
        File.SetUnixFileMode(_folder["everybody"], (UnixFileMode)0b1_111_111_111);
        Assert.Equal(_folder["everybody"], await FoundAsync(() => File.CreateSymbolicLink(_folder["bin/planted"], _folder["everybody/program"])));
        _folder.Put("open/deep/program", "");
        File.SetUnixFileMode(_folder["open"], (UnixFileMode)0b111_111_111);
        Assert.Equal(_folder["open"], await FoundAsync(() => File.CreateSymbolicLink(_folder["bin/far"], "../open/deep/program")));

        async Task<string> FoundAsync(Action plant)
        {
            foreach (var planted in new[] { "bin/open", "bin/planted", "bin/far" })
            {
                File.Delete(_folder[planted]);
            }

            plant();
            var bad = await ProbeAsync(new SearchPathProbe(programs));
            Assert.False(bad.Passed);
            return bad.Found;
        }
    }

    [Fact]
    public async Task Nothing_of_a_path_that_jobs_can_change_is_started()
    {
        _folder.Put("bin/mine", $"touch {_folder["started"]}; echo 1", (UnixFileMode)0b111_111_111);

        var report = await VerifyAsync(
            new SearchPathProbe(new JobPrograms(_folder["bin"], new MacRunners.Platform.Tool(TimeProvider.System))),
            [new SoftwareProbe(new("mine", "mine", new BaseInstallation()), new("mine", [], "1"), _folder.Programs)],
            TimeSpan.FromSeconds(60));

        Assert.Equal((0, 1, 1), (report.Ok, report.Failed, report.Skipped));
        Assert.Contains("search-path", report.Probes[1].Found, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["started"]));
    }

    [Fact]
    public async Task The_daemon_is_asked_how_it_is()
    {
        await using (var well = await Pages.StartAsync(MacRunners.Health.Finding.Healthy("fine")))
        {
            Assert.True((await ProbeAsync(new HealthProbe(new Uri(well.Client.BaseAddress!, "/health"), isRunning: true, isRequired: false, NoTrial))).Passed);
        }

        await using var ill = await Pages.StartAsync(MacRunners.Health.Finding.Unhealthy("dirty", "recycle it"));
        var url = new Uri(ill.Client.BaseAddress!, "/health");
        var result = await ProbeAsync(new HealthProbe(url, isRunning: true, isRequired: false, NoTrial));

        Assert.False(result.Passed);
        Assert.Contains("expected status 200, found 503", result.Detail, StringComparison.Ordinal);
        Assert.Contains("dirty", result.Detail, StringComparison.Ordinal);
        Assert.False((await ProbeAsync(new HealthProbe(url, isRunning: false, isRequired: true, NoTrial))).Passed);
        Assert.False((await ProbeAsync(new HealthProbe(new Uri("http://127.0.0.1:1/health"), isRunning: true, isRequired: false, NoTrial))).Passed);
    }

    [Theory]
    [InlineData("echo 'buildkite-agent version 3.87.0, build 8970'", true, "no daemon runs, its pages were started for this: healthy")]
    [InlineData("echo 'buildkite-agent version 3.1.0'", false, "expected status 200, found 503: agent is unhealthy")]
    public void Where_no_daemon_runs_its_pages_are_started_and_asked(string agent, bool passes, string said)
    {
        var health = HealthWithAgent(_folder.Put("bin/agent", agent));

        Assert.Equal(passes, health.GetProperty("passed").GetBoolean());
        Assert.Contains(said, health.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Matches("^http://127.0.0.1:[0-9]+/health$", health.GetProperty("where").GetString());
        Assert.False(Directory.Exists(_folder["state"]));
    }

    [Fact]
    public void An_agent_that_is_not_there_or_not_root_s_alone_is_not_started()
    {
        Assert.Contains("bin/none does not exist", HealthWithAgent(_folder["bin/none"]).GetProperty("detail").GetString(), StringComparison.Ordinal);

        var open = HealthWithAgent(_folder.Put("other/agent", $"touch {_folder["started"]}; echo 'buildkite-agent version 3.87.0'", (UnixFileMode)0b111_111_111));
        Assert.False(open.GetProperty("passed").GetBoolean());
        Assert.Contains("other/agent can be changed by others than root", open.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["started"]));
    }

    private JsonElement HealthWithAgent(string path)
    {
        _folder.Put("tool", "echo tool 1.2.3");
        var (_, output, _) = Verify("--manifest", Manifest("1.2.3"), "--no-self-test", "--json", "--set", $"Agent:Path={path}");
        return JsonSerializer.Deserialize<JsonElement>(output).GetProperty("probes").EnumerateArray().Single(probe => probe.GetProperty("name").GetString() == "health");
    }

    private static Task<MacRunners.Hosting.Http.HealthTrial> NoTrial(CancellationToken cancellationToken) => throw new InvalidOperationException("A daemon runs, or has to");

    [Theory]
    [InlineData(nameof(AttackOutcome.Ok), nameof(ProbeStatus.Ok))]
    [InlineData(nameof(AttackOutcome.Failed), nameof(ProbeStatus.Failed))]
    [InlineData(nameof(AttackOutcome.Skipped), nameof(ProbeStatus.Failed))]
    public async Task The_self_test_is_an_attack_that_must_be_made_and_held(string outcome, string expected)
    {
        var attack = AttackCatalogue.All.Single(attack => attack.Id == "double-fork");

        var result = await ProbeAsync(new SelfTestProbe(null, attack, Make));

        Assert.Equal(expected, $"{result.Status}");
        Assert.Equal(ProbeStatus.Skipped, (await ProbeAsync(new SelfTestProbe("not root", attack, Make))).Status);

        async IAsyncEnumerable<AttackResult> Make(IReadOnlyList<Attack> attacks, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            yield return new(attacks.Single().Id, "", Enum.Parse<AttackOutcome>(outcome), 1, ["why"]);
        }
    }

    [Fact]
    public void The_verb_reports_in_a_table_and_as_json_and_by_its_exit_code()
    {
        _folder.Put("tool", "echo tool 1.2.3");
        var manifest = Manifest("1.2.3");
        _folder.Put("probes/extra", "echo extra");

        var good = Verify("--manifest", manifest, "--probes", _folder["probes"], "--no-self-test", "--json");
        Assert.True(good.ExitCode == 0, good.Output + good.Error);
        var report = JsonSerializer.Deserialize<JsonElement>(good.Output);
        Assert.Equal(0, report.GetProperty("failed").GetInt32());
        var probes = report.GetProperty("probes").EnumerateArray().ToDictionary(probe => probe.GetProperty("name").GetString()!);
        Assert.Equal(["search-path", "tool", "extra", "health", "self-test"], probes.Keys);
        Assert.True(probes["tool"].GetProperty("passed").GetBoolean());
        Assert.Equal("ok", probes["tool"].GetProperty("status").GetString());
        Assert.Equal(_folder["tool"], probes["tool"].GetProperty("where").GetString());
        Assert.Equal("skipped", probes["self-test"].GetProperty("status").GetString());

        var bad = Verify("--manifest", Manifest("1.2.4"), "--probes", _folder["probes"], "--no-self-test");
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains($"expected 1.2.4, found tool 1.2.3 ({_folder["tool"]})", bad.Output, StringComparison.Ordinal);
        Assert.Contains("1 failed", bad.Output, StringComparison.Ordinal);
        Assert.Equal(1, Verify("--manifest", manifest, "--no-self-test", "--require-daemon").ExitCode);

        File.Delete(_folder["tool"]);
        var absent = Verify("--manifest", manifest, "--probes", _folder["probes"], "--no-self-test", "--json");
        Assert.Equal(1, absent.ExitCode);
        var failed = JsonSerializer.Deserialize<JsonElement>(absent.Output).GetProperty("probes").EnumerateArray().Where(probe => probe.GetProperty("status").GetString() == "failed");
        Assert.Equal("tool", Assert.Single(failed).GetProperty("name").GetString());
    }

    [Fact]
    public void On_macOS_the_verb_looks_at_what_keeps_others_out()
    {
        using var mac = new EmulatedMac();
        _folder.Put("tool", "echo tool 1.2.3");

        var (exitCode, output, error) = Verify(
            ["--manifest", Manifest("1.2.3"), "--no-self-test", "--json", "--set", "Platform:Kind=macos", "--set", $"Platform:Root={mac.Root}"], EmulatedMac.Programs);

        // The emulated Mac is no image: what is found wrong is named, and of each check it is said how it ended.
        Assert.True(exitCode == 1, output + error);
        var probes = JsonSerializer.Deserialize<JsonElement>(output).GetProperty("probes").EnumerateArray().ToDictionary(probe => probe.GetProperty("name").GetString()!);
        Assert.All(
            new MacImageHardening(new Tool(TimeProvider.System), new LinuxFileCalls(), mac.Root).Checks,
            check => Assert.Contains(probes[check.Name].GetProperty("status").GetString(), (string[])["ok", "failed"]));
        Assert.Equal("failed", probes["first-boot"].GetProperty("status").GetString());
    }

    [Fact]
    public void A_manifest_of_a_younger_version_is_no_fault_but_is_said()
    {
        _folder.Put("tool", "echo tool 1.2.3");
        var manifest = Manifest("1.2.3");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"title\"", "\"licence\":\"MIT\",\"title\"", StringComparison.Ordinal));

        var (exitCode, output, error) = Verify("--manifest", manifest, "--no-self-test", "--json");

        Assert.True(exitCode == 0, output + error);
        Assert.Contains("leaves out: software[0].licence", error, StringComparison.Ordinal);
        Assert.Contains("\"found\": \"tool 1.2.3\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_with_faults_is_named()
    {
        File.WriteAllText(_folder["m.json"], """{"images":[],"software":[{"name":"x","title":"X","install":{"by":"archive"}}]}""");

        var (exitCode, _, error) = Verify("--manifest", _folder["m.json"]);

        Assert.Equal(78, exitCode);
        Assert.Contains("m.json is not as manifest.schema.json says", error, StringComparison.Ordinal);
        Assert.Contains("downloads", error, StringComparison.Ordinal);
    }

    private string Manifest(string version)
    {
        File.WriteAllText(_folder["manifest.json"], $$$"""
            {"images":[],"software":[{"name":"tool","title":"Tool","version":"{{{version}}}","install":{"by":"base"},
             "probe":{"program":"{{{_folder["tool"]}}}","arguments":["--version"],"expects":"^tool {version}$"}}]}
            """);
        return _folder["manifest.json"];
    }

    private (int ExitCode, string Output, string Error) Verify(params string[] arguments) => Verify(arguments, libraries: null);

    private (int ExitCode, string Output, string Error) Verify(string[] arguments, string? libraries)
    {
        var start = new ProcessStartInfo(HelperVerb.Program, ["image", "verify", "--set", $"Paths:State={_folder["state"]}", "--set", $"Agent:Path={_agent}", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LD_LIBRARY_PATH"] = libraries;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    private static async Task<ProbeResult> ProbeAsync(ImageProbe probe) => (await VerifyAsync(new Sound(), [probe], TimeSpan.FromSeconds(60))).Probes[1];

    private static Task<ImageReport> VerifyAsync(ImageProbe first, IReadOnlyList<ImageProbe> probes, TimeSpan limit) =>
        new ImageVerification(first, probes, [], limit, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);

    private sealed class Sound() : ImageProbe("sound")
    {
        public override Task<ProbeFinding> RunAsync(CancellationToken cancellationToken) => Task.FromResult(Ok("as it should be"));
    }
}
