using MacRunners.Fleet.Commands;
using MacRunners.Fleet.Tests.Workflows;
using MacRunners.Fleet.Versions;
using MacRunners.Images;

namespace MacRunners.Fleet.Tests.Versions;

/// <summary>Upstream scripts in several forms.</summary>
public sealed class VersionDriftTests
{
    private static readonly IReadOnlyList<SoftwareItem> Manifest =
    [
        Tool("node", "24.3.0"), Tool("bun", "1.2.17"), Tool("llvm", "19.1.7"), Tool("cmake", "3.30.5"), Tool("buildkite-agent", "3.87.0"),
        new("xcode", "Xcode", new BaseInstallation(), "16.2"), new("git", "git", new BaseInstallation()),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void The_repositorys_manifest_has_the_tools_that_are_compared()
    {
        var manifest = ManifestFile.Read(Path.Combine(Workflow.RepositoryRoot(), ManifestFile.DefaultPath));

        Assert.Equal([13, 14, 15, 26], manifest.Select([]));
        Assert.Equal(
            Manifest.Where(tool => tool.Upstream).Select(tool => (tool.Name, tool.Version)).Order(),
            manifest.Software.Where(tool => tool.Upstream).Select(tool => (tool.Name, tool.Version)).Order());
    }

    [Theory]
    [InlineData("variables.sh.txt")]
    [InlineData("addresses.sh.txt")]
    public void Forms_that_say_the_same_have_no_drift(string fixture) =>
        Assert.All(Compare(fixture).Where(drift => drift.Tool != "xcode"), drift => Assert.True(drift.Kind == DriftKind.Same, $"{drift.Tool}: {drift.Kind} {string.Join(", ", drift.Upstream)}"));

    [Fact]
    public void Every_drift_is_named_and_that_of_a_mac_is_taken() => Assert.Equal(
        [("buildkite-agent", "3.114.0"), ("bun", "1.3.13"), ("llvm", "21.1.8")],
        Compare("functions.sh.txt").Where(drift => drift.IsDrift).Select(drift => (drift.Tool, drift.Upstream.Single())));

    [Fact]
    public void Several_versions_of_which_none_is_surely_a_macs_are_all_named()
    {
        var llvm = Compare("ambiguous.sh.txt").Single(drift => drift.Kind == DriftKind.Ambiguous);

        Assert.Equal(("llvm", DriftKind.Ambiguous), (llvm.Tool, llvm.Kind));
        Assert.Equal(["19.1.7", "21.1.8"], llvm.Upstream);
    }

    [Fact]
    public void A_tool_that_upstream_names_no_more_is_a_drift_but_one_that_it_never_had_is_not()
    {
        var script = Read("variables.sh.txt").Replace("3.30.5", "$(latest)", StringComparison.Ordinal);

        var drifts = VersionDrift.Compare(Manifest, script);

        Assert.Equal([("cmake", DriftKind.Gone)], drifts.Where(drift => drift.IsDrift).Select(drift => (drift.Tool, drift.Kind)));
        Assert.Equal(DriftKind.NotNamed, drifts.Single(drift => drift.Tool == "xcode").Kind);
        Assert.Contains("| cmake | 3.30.5 | names it no more |", DriftIssue.Body(drifts, "bootstrap.sh"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node", "24.3.0", "24.3.1")]
    [InlineData("bun", "1.2.17", "1.2.18")]
    [InlineData("llvm", "19.1.7", "19.1.6")]
    [InlineData("cmake", "3.30.5", "3.30.4")]
    [InlineData("buildkite-agent", "3.87.0", "3.87.1")]
    public void One_character_is_a_drift(string tool, string from, string to)
    {
        var script = Read("variables.sh.txt").Replace(from, to, StringComparison.Ordinal);

        Assert.Equal([tool], VersionDrift.Compare(Manifest, script).Where(drift => drift.IsDrift).Select(drift => drift.Tool));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<!DOCTYPE html><html><body>Not found</body></html>")]
    [InlineData("#!/bin/sh\n# node_version=24.3.0\n")]
    public void What_names_no_version_is_no_script(string text) => Assert.Throws<InvalidDataException>(() => VersionDrift.Compare(Manifest, text));

    [Fact]
    public async Task The_verb_says_no()
    {
        await using var cluster = await Cluster.StartAsync();
        await File.WriteAllTextAsync(cluster.Path("bootstrap.sh"), "#!/bin/sh\nNODE_VERSION=26.0.0\n", Cancellation);

        var ended = await cluster.RunAsync(["versions", "check", cluster.Path("bootstrap.sh"), "--manifest", cluster.Path("manifest.json")]);

        Assert.Equal(ExitCodes.No, ended.Code);
        Assert.Contains("DRIFT      node: manifest 24.3.0, upstream 26.0.0", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_issue_is_opened_and_then_renewed()
    {
        await using var gitHub = await FakeGitHub.StartAsync();
        var drifts = VersionDrift.Compare(Manifest, Read("functions.sh.txt"));

        Assert.Equal("issue 1 is open", await DriftIssue.WriteAsync(gitHub.Variable, drifts, "bootstrap.sh", Cancellation));
        Assert.Equal("issue 1 is open already and says so now", await DriftIssue.WriteAsync(gitHub.Variable, drifts, "bootstrap.sh", Cancellation));

        var issue = Assert.Single(gitHub.Issues);
        Assert.Contains("| llvm | 19.1.7 | 21.1.8 |", (string)issue["body"]!, StringComparison.Ordinal);
        Assert.Equal("version-drift", (string)issue["labels"]![0]!);
    }

    [Fact]
    public async Task The_verb_puts_a_drift_into_one_issue_and_says_when_it_cannot()
    {
        await using var cluster = await Cluster.StartAsync();
        await using var gitHub = await FakeGitHub.StartAsync();
        async Task<Ended> CheckAsync(string version, params string[] further)
        {
            await File.WriteAllTextAsync(cluster.Path("bootstrap.sh"), $"#!/bin/sh\nNODE_VERSION={version}\n", Cancellation);
            var (output, error) = (new StringWriter(), new StringWriter());
            var code = await FleetCommandLine.RunAsync(
                ["image", "versions", "check", cluster.Path("bootstrap.sh"), "--manifest", cluster.Path("manifest.json"), .. further], new FleetContext(gitHub.Variable, output, error, TimeProvider.System), Cancellation);
            return new Ended(code, output.ToString(), error.ToString());
        }

        Assert.Equal(ExitCodes.Success, (await CheckAsync("24.3.0", "--github-issue")).Code);
        Assert.Equal(ExitCodes.No, (await CheckAsync("26.0.0")).Code);
        Assert.Empty(gitHub.Issues);

        var opened = await CheckAsync("26.0.0", "--github-issue");
        Assert.Equal((ExitCodes.Success, "DRIFT      node: manifest 24.3.0, upstream 26.0.0\nissue 1 is open\n"), (opened.Code, opened.Output));
        var renewed = await CheckAsync("26.1.0", "--github-issue");
        Assert.EndsWith("issue 1 is open already and says so now\n", renewed.Output, StringComparison.Ordinal);
        Assert.Contains("| node | 24.3.0 | 26.1.0 |", (string)Assert.Single(gitHub.Issues)["body"]!, StringComparison.Ordinal);

        gitHub.Refusal = 503;
        var refused = await CheckAsync("26.1.0", "--github-issue");
        Assert.Equal(ExitCodes.Failure, refused.Code);
        Assert.Contains("503", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeGitHub.Token, refused.Error + refused.Output + renewed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_without_the_right_and_a_missing_setting_are_explained()
    {
        await using var gitHub = await FakeGitHub.StartAsync();
        var drifts = VersionDrift.Compare(Manifest, Read("functions.sh.txt"));

        var refused = await Assert.ThrowsAsync<IOException>(() =>
            DriftIssue.WriteAsync(name => name == "GITHUB_TOKEN" ? "other-canary" : gitHub.Variable(name), drifts, "bootstrap.sh", Cancellation));
        Assert.Contains("issues: write", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("other-canary", refused.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidDataException>(() => DriftIssue.WriteAsync(name => name == "GITHUB_REPOSITORY" ? "a/b/c" : gitHub.Variable(name), drifts, "x", Cancellation));
    }

    private static SoftwareItem Tool(string name, string version) => new(name, name, new BaseInstallation(), version, Upstream: true);

    private static string Read(string fixture) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Versions", "Fixtures", fixture));

    private static IReadOnlyList<VersionDrift> Compare(string fixture) => VersionDrift.Compare(Manifest, Read(fixture));
}
