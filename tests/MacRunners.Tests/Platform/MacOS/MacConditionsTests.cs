using MacRunners.Diagnosis;
using MacRunners.Health;
using MacRunners.MacEmulator.Faults;
using MacRunners.MacEmulator.Root;
using MacRunners.Platform;
using MacRunners.Platform.MacOS;
using MacRunners.Settings;
using MacRunners.Tests.MacEmulator;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace MacRunners.Tests.Platform.MacOS;

/// <summary>Each condition of a Mac that doctor complains about, made to fail on the emulated one.</summary>
[Collection(AccountsCollection.Name)]
public sealed class MacConditionsTests : IClassFixture<EmulatedCommands>, IDisposable
{
    private readonly EmulatedCommands _mac;

    public MacConditionsTests(EmulatedCommands mac)
    {
        _mac = mac;
        Dispose();
    }

    public void Dispose()
    {
        _mac.Control.Clear();
        _mac.Control.Describe(new Machine());
    }

    [Fact]
    public async Task A_Mac_that_is_set_up_as_it_should_be_needs_nothing()
    {
        var findings = await ExamineAsync();

        Assert.All(findings, finding => Assert.Equal((DoctorStatus.Ok, null), (finding.Status, finding.Remedy)));
        Assert.Equal(7, findings.Count);
    }

    [Theory]
    [InlineData("13.7.4", "macOS 13.7.4 is not supported", "Upgrade")]
    [InlineData("unknown", "macOS unknown is not supported", "Upgrade")]
    public async Task An_old_macOS_is_a_warning(string version, string what, string remedy)
    {
        _mac.Control.Describe(new Machine { Version = version });

        AssertOne(await ExamineAsync(), DoctorStatus.Warning, what, remedy);
    }

    [Theory]
    [InlineData("14.0")]
    [InlineData("26.1")]
    public async Task Supported_versions_are_fine(string version)
    {
        _mac.Control.Describe(new Machine { Version = version });

        Assert.All(await ExamineAsync(), finding => Assert.Equal(DoctorStatus.Ok, finding.Status));
    }

    [Fact]
    public async Task Missing_Full_Disk_Access_is_a_failure_that_names_whom_to_grant_it()
    {
        _mac.Control.Inject(new FaultRule { Tool = "dscl", TccDenied = true });

        AssertOne(await ExamineAsync(), DoctorStatus.Failed, "-14120", $"Grant it to {Environment.ProcessPath}");
    }

    [Theory]
    [InlineData(0, "NFSHomeDirectory: /var/empty\n", 70, "whether accounts may be changed is not known: exit code 70", "by hand")]
    [InlineData(0, "", 0, "says no home of nobody", "whether it answers by hand")]
    [InlineData(56, "", 0, "-read /Users/nobody NFSHomeDirectory failed with exit code 56", "whether it answers by hand")]
    public async Task What_dscl_answers_besides_yes_and_no_is_a_warning(int readCode, string home, int changeCode, string what, string remedy)
    {
        var tool = Substitute.For<ITool>();
        tool.RunAsync(default!, default!, default, TestContext.Current.CancellationToken).ReturnsForAnyArgs(call =>
            call.ArgAt<IReadOnlyList<string>>(1).Contains("-change") ? new ToolResult(changeCode, "", "")
            : call.ArgAt<string>(0) == "/usr/bin/dscl" ? new ToolResult(readCode, home, "")
            : new ToolResult(0, "15.5 status: enabled", ""));

        var conditions = await new MacConditions(tool, "", () => false).LookAsync(TestContext.Current.CancellationToken);

        var condition = Assert.Single(conditions, condition => condition.Remedy is not null);
        Assert.False(condition.IsFatal);
        Assert.Contains(what, condition.What);
        Assert.Contains(remedy, condition.Remedy);
    }

    [Fact]
    public async Task Protection_that_is_off_is_a_warning()
    {
        _mac.Control.Describe(new Machine { IsProtected = false });

        AssertOne(await ExamineAsync(), DoctorStatus.Warning, "System Integrity Protection is not on", "csrutil enable");
    }

    [Fact]
    public async Task Spotlight_that_indexes_is_a_warning_until_it_is_switched_off()
    {
        _mac.Control.Describe(new Machine { IsIndexed = true });
        AssertOne(await ExamineAsync(), DoctorStatus.Warning, "Spotlight", "mdutil -a -i off");

        await _mac.RunAsync("/usr/bin/mdutil", "-i", "off", "/");

        Assert.All(await ExamineAsync(), finding => Assert.Equal(DoctorStatus.Ok, finding.Status));
    }

    [Fact]
    public async Task Local_snapshots_are_a_warning()
    {
        _mac.Control.Describe(new Machine { Snapshots = ["2026-11-25-101500", "2026-11-26-101500"] });

        AssertOne(await ExamineAsync(), DoctorStatus.Warning, "2 local snapshots", "tmutil disable");
    }

    [Fact]
    public async Task Homes_that_are_marked_are_left_out_by_a_Spotlight_that_indexes_the_rest()
    {
        var marker = $"{_mac.Root}/Users/.metadata_never_index";
        _mac.Control.Describe(new Machine { IsIndexed = true });
        await File.WriteAllTextAsync(marker, "", TestContext.Current.CancellationToken);
        try
        {
            Assert.All(await ExamineAsync(), finding => Assert.Equal(DoctorStatus.Ok, finding.Status));
        }
        finally
        {
            File.Delete(marker);
        }
    }

    [Theory]
    [InlineData(2560 * 1024, false)]
    [InlineData(3 * 1024 * 1024, true)]
    public async Task A_database_of_background_tasks_above_the_limit_is_a_failure(int bytes, bool fails)
    {
        var folder = Directory.CreateDirectory($"{_mac.Root}/private/var/db/com.apple.backgroundtaskmanagement").FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "BackgroundItems-v4.btm"), new byte[7], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(folder, "BackgroundItems-v8.btm"), new byte[bytes], TestContext.Current.CancellationToken);
        try
        {
            var findings = await ExamineAsync();
            Assert.Contains(findings, finding => finding.What.Contains($"has {bytes / 1024} KiB", StringComparison.Ordinal));
            if (fails)
            {
                AssertOne(findings, DoctorStatus.Failed, "more than Health:MaxBackgroundTaskBytes (2560 KiB)", "sfltool resetbtm");
            }
            else
            {
                Assert.All(findings, finding => Assert.Equal(DoctorStatus.Ok, finding.Status));
            }
        }
        finally
        {
            Array.ForEach(Directory.GetFiles(folder), File.Delete);
            Directory.Delete(folder);
        }
    }

    [Fact]
    public async Task What_grows_but_cannot_be_looked_at_is_a_warning_and_the_rest_is_still_told()
    {
        _mac.Control.Inject(new FaultRule { Tool = "mdutil", Sigkill = 1 });

        var findings = await ExamineAsync();

        AssertOne(findings, DoctorStatus.Warning, "whether Spotlight indexes the files of jobs is not known", "by hand");
        Assert.Contains(findings, finding => finding.What == "the database of background tasks has 0 KiB");
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(null, false)]
    public async Task Translated_code_is_a_failure_and_a_system_that_does_not_know_the_question_is_native(bool? isTranslated, bool fails)
    {
        var findings = await ExamineAsync(isTranslated);

        Assert.Equal(fails, findings.Any(finding => finding.Status == DoctorStatus.Failed && finding.What.Contains("Rosetta", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_program_that_fails_or_does_not_answer_is_a_finding_and_the_others_are_still_asked()
    {
        var tool = Substitute.For<ITool>();
        tool.RunAsync(default!, default!, default, TestContext.Current.CancellationToken).ReturnsForAnyArgs<ToolResult>(call =>
            call.ArgAt<string>(0).EndsWith("tmutil", StringComparison.Ordinal) ? throw new ToolException("tmutil did not end") : new ToolResult(1, "", "broken"));

        var conditions = await new MacConditions(tool, "", () => false).LookAsync(TestContext.Current.CancellationToken);

        Assert.Equal(4, conditions.Count(condition => condition.Remedy is not null && !condition.IsFatal));
        Assert.Contains(conditions, condition => condition.What == "tmutil did not end");
    }

    [Fact]
    public void Jobs_find_an_image_s_exact_versions_before_Homebrew_s() => Assert.StartsWith(
        "/usr/local/bin:/opt/homebrew/bin:",
        new MacPlatform(_mac.Root, new Tool(TimeProvider.System), TimeSpan.FromSeconds(30), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance)
            .Places.ExecutableSearchPath,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_promised_Xcode_that_is_missing_is_a_warning_with_the_places_where_it_would_be()
    {
        _ = Directory.CreateDirectory($"{_mac.Root}/Applications/Xcode_16.2.app/Contents/Developer");

        var findings = await ExamineAsync(tags: ["xcode=16.2", "xcode=17.0", "os=macos", "xcode=../x"]);

        Assert.Contains(findings, finding => finding.Status == DoctorStatus.Ok && finding.What.StartsWith("xcode=16.2: ", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Status == DoctorStatus.Warning && finding.Remedy!.Contains("/Applications/Xcode-17.0.app or ", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Status == DoctorStatus.Warning && finding.Remedy!.StartsWith("Write a version", StringComparison.Ordinal));
    }

    private static void AssertOne(IReadOnlyList<DoctorFinding> findings, DoctorStatus status, string what, string remedy)
    {
        var finding = Assert.Single(findings, finding => finding.Status != DoctorStatus.Ok);
        Assert.Equal(status, finding.Status);
        Assert.Contains(what, finding.What);
        Assert.Contains(remedy, finding.Remedy);
    }

    private Task<IReadOnlyList<DoctorFinding>> ExamineAsync(bool? isTranslated = false, params string[] tags)
    {
        var platform = Substitute.For<IPlatform>();
        platform.Conditions.Returns(new MacConditions(new Tool(TimeProvider.System), _mac.Root, () => isTranslated));
        platform.Places.Returns(new MacPlatform(_mac.Root, new Tool(TimeProvider.System), TimeSpan.FromSeconds(30), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance).Places);
        platform.Growth.Returns(new MacGrowth(new Tool(TimeProvider.System), _mac.Root));
        var growth = new GrowthWatch(platform, Options.Create(new PathsOptions { Homes = platform.Places.Homes }), Options.Create(new HealthOptions()));
        return new SystemExamination(platform, growth, tags).ExamineAsync(TestContext.Current.CancellationToken);
    }
}
