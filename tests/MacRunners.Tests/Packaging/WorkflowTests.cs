using System.Text.RegularExpressions;

namespace MacRunners.Tests.Packaging;

/// <summary>What runs on somebody else's machines with this project's rights.</summary>
public partial class WorkflowTests
{
    public static TheoryData<string> Workflows => [.. Directory.EnumerateFiles(RepositoryRoot.PathOf(".github", "workflows")).Select(file => Path.GetFileName(file))];

    [Theory, MemberData(nameof(Workflows))]
    public void Actions_are_pinned_and_rights_times_and_numbers_are_limited(string file)
    {
        var lines = File.ReadAllLines(RepositoryRoot.PathOf(".github", "workflows", file));
        var jobs = lines.SkipWhile(line => line != "jobs:").Count(line => Job().IsMatch(line));

        Assert.All(lines.Where(line => line.Contains("uses:", StringComparison.Ordinal)), line => Assert.Matches(PinnedOrOwn(), line));
        Assert.Contains("permissions:", lines);
        Assert.Contains("  contents: read", lines);
        Assert.Contains("concurrency:", lines);
        Assert.Equal(jobs, lines.Count(line => line.StartsWith("    timeout-minutes: ", StringComparison.Ordinal) || line.StartsWith("    uses: ./", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, line => line.Contains("pull_request_target", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Workflows))]
    public void Every_step_is_one_command_of_this_project_and_none_is_built_from_what_others_wrote(string file) =>
        Assert.All(
            File.ReadLines(RepositoryRoot.PathOf(".github", "workflows", file)).Where(line => line.Contains("run:", StringComparison.Ordinal)),
            line => Assert.Matches(Command(), line));

    [GeneratedRegex("^  [a-z]+:$", RegexOptions.CultureInvariant)]
    private static partial Regex Job();

    [GeneratedRegex(@"uses: (\./\.github/workflows/[a-z]+\.yml|actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$", RegexOptions.CultureInvariant)]
    private static partial Regex PinnedOrOwn();

    [GeneratedRegex(@"^      - run: (make [a-z-]+|\.ci/run|packaging/macos/release\.sh [a-z0-9 -]+|gh release create ""\$GITHUB_REF_NAME"" [a-z/* -]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Command();
}
