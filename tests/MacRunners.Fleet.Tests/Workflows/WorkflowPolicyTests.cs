using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using MacRunners.Fleet.Commands;
using MacRunners.Fleet.Images;
using MacRunners.Fleet.Processes;
using YamlDotNet.RepresentationModel;

namespace MacRunners.Fleet.Tests.Workflows;

/// <summary>What every workflow keeps to, and what the two of the image pipeline do.</summary>
public sealed partial class WorkflowPolicyTests
{
    public static TheoryData<string> Names { get; } = new(Workflow.All.Select(workflow => workflow.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Actions_are_pinned_by_commit_with_the_version_beside_it(string name)
    {
        var uses = Workflow.Of(name).Text.Split('\n').Where(line => line.TrimStart(' ', '-').StartsWith("uses:", StringComparison.Ordinal)).ToList();

        Assert.All(uses.Where(line => !line.Contains("uses: ./", StringComparison.Ordinal)), line => Assert.Matches(@"uses: [\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*", line));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Permissions_are_given_by_the_job_and_small(string name)
    {
        var workflow = Workflow.Of(name);

        Assert.True(workflow["permissions"] is YamlMappingNode, "the workflow says what its token may do");
        var granted = workflow.Jobs.SelectMany(job => (Workflow.Get(job.Value, "permissions") as YamlMappingNode)?.Children.ToList() ?? []).Concat(((YamlMappingNode)workflow["permissions"]!).Children)
            .Select(entry => $"{entry.Key}: {entry.Value}").Distinct();
        Assert.Subset(new HashSet<string> { "contents: read", "contents: write", "issues: write", "id-token: write", "attestations: write", "packages: read" }, granted.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_job_has_a_time_limit(string name) => Assert.All(Workflow.Of(name).OwnJobs, job =>
    {
        Assert.True(int.TryParse(Workflow.TextOf(job.Value, "timeout-minutes"), out var minutes), $"{job.Key} has no timeout-minutes");

        // Where GitHub's own machines end, too.
        Assert.InRange(minutes, 1, job.Value.ToString().Contains("self-hosted", StringComparison.Ordinal) ? 12 * 60 : 6 * 60);
    });

    [Fact]
    public void A_night_ends_by_the_limits_of_its_steps_and_not_by_that_of_the_job()
    {
        var workflow = Workflow.Of("image-rebuild.yml");
        var image = workflow.Jobs.Single(job => job.Key == "image").Value;
        var input = Workflow.Get(Workflow.Get(Workflow.Get(workflow["on"], "workflow_dispatch"), "inputs"), "iterations");
        Assert.Equal("choice", Workflow.TextOf(input, "type"));
        var most = ((YamlSequenceNode)Workflow.Get(input, "options")!).Max(option => int.Parse(((YamlScalarNode)option).Value!, CultureInfo.InvariantCulture));
        var options = new FlakeOptions();
        var vm = options.BootLimit + options.NetworkLimit + options.VerifyLimit + TimeSpan.FromMinutes(1);
        var others = TimeSpan.FromMinutes(45);

        var together = BuildCommand.DefaultLimit + PackerRun.TimeToDeleteVm + vm + (most * vm) + others;

        Assert.True(
            int.Parse(Workflow.TextOf(image, "timeout-minutes")!, CultureInfo.InvariantCulture) >= together.TotalMinutes,
            $"the steps may take {together.TotalMinutes} min together: whoever is ended by the job's limit deletes no VM");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Scripts_have_no_expressions_and_secrets_are_given_to_the_steps_that_need_them(string name)
    {
        var workflow = Workflow.Of(name);

        Assert.All(workflow.Scripts, script => Assert.DoesNotContain("${{", script, StringComparison.Ordinal));
        Assert.All(workflow.Text.Split('\n').Where(line => line.Contains("secrets.", StringComparison.Ordinal)), line => Assert.Matches(@"^ {10}[A-Z][A-Z0-9_]*: \$\{\{ secrets\.[A-Z0-9_]+ \}\}$", line));
        Assert.DoesNotContain("pull_request_target", workflow.Text, StringComparison.Ordinal);

        // What GitHub gives each job itself is enough.
        Assert.DoesNotContain("secrets.GITHUB_", workflow.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Scripts_pass_shellcheck(string name) => Assert.All(Workflow.Of(name).Scripts, script =>
    {
        using var shellcheck = Process.Start(new ProcessStartInfo("shellcheck", ["--shell=bash", "--enable=quote-safe-variables", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        shellcheck.StandardInput.Write(script + "\n");
        shellcheck.StandardInput.Close();
        var findings = shellcheck.StandardOutput.ReadToEnd();
        shellcheck.WaitForExit();
        Assert.True(shellcheck.ExitCode == 0, findings);
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_verb_of_ours_is_understood(string name) => Assert.All(
        Workflow.Of(name).Scripts.SelectMany(script => script.Split('\n')).Where(line => line.Contains("macrunners-fleet ", StringComparison.Ordinal)),
        line =>
        {
            var arguments = Word().Matches(line[(line.IndexOf("macrunners-fleet ", StringComparison.Ordinal) + "macrunners-fleet ".Length)..])
                .Select(match => match.Value.Trim('"') switch { "$MACOS" => "15", "$ITERATIONS" => "3", "$FORCE" => "false", var word => word }).ToArray();
            Assert.Empty(FleetCommandLine.Errors(arguments));
        });

    [Fact]
    public void Images_are_rebuilt_at_two_each_night_one_run_at_a_time_and_each_macos_for_itself()
    {
        var workflow = Workflow.Of("image-rebuild.yml");

        var on = workflow["on"]!;
        var crons = ((YamlSequenceNode)Workflow.Get(on, "schedule")!).Select(entry => Workflow.TextOf(entry, "cron"));
        Assert.Equal(["0 2 * * *"], crons);
        Assert.NotNull(Workflow.Get(Workflow.Get(Workflow.Get(on, "workflow_dispatch"), "inputs"), "macos"));
        Assert.Equal("false", Workflow.TextOf(workflow["concurrency"], "cancel-in-progress"));
        var image = workflow.Jobs.Single(job => job.Key == "image").Value;
        Assert.Equal("false", Workflow.TextOf(Workflow.Get(image, "strategy"), "fail-fast"));
        Assert.Equal("${{ fromJSON(needs.due.outputs.matrix) }}", Workflow.TextOf(Workflow.Get(Workflow.Get(image, "strategy"), "matrix"), "macos"));
        Assert.All(workflow.Jobs, job => Assert.Contains("self-hosted", Workflow.Get(job.Value, "runs-on")!.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void An_image_goes_through_all_steps_in_order_and_a_message_is_sent_whatever_happens()
    {
        var image = Workflow.Of("image-rebuild.yml").Jobs.Single(job => job.Key == "image").Value;
        var steps = ((YamlSequenceNode)Workflow.Get(image, "steps")!).ToList();
        var verbs = steps.Select(step => Verb().Match(Workflow.TextOf(step, "run") ?? "")).Where(match => match.Success).Select(match => match.Groups[1].Value);

        Assert.Equal(["build", "verify", "flake", "promote", "cache", "prune", "sweep", "notify"], verbs);
        Assert.Equal("${{ inputs.iterations || 3 }}", Workflow.TextOf(Workflow.Get(image, "env"), "ITERATIONS"));
        Assert.Contains(" --iterations \"$ITERATIONS\" --threshold 80 ", steps.Select(step => Workflow.TextOf(step, "run")).Single(run => run?.Contains(" image flake ", StringComparison.Ordinal) is true), StringComparison.Ordinal);
        Assert.Equal("always()", Workflow.TextOf(steps.Single(step => Workflow.TextOf(step, "name") == "Sweep"), "if"));
        Assert.Equal("always()", Workflow.TextOf(steps[^1], "if"));
        Assert.Equal("true", Workflow.TextOf(steps[^1], "continue-on-error"));
        Assert.All(steps.SkipLast(1), step => Assert.Null(Workflow.Get(step, "continue-on-error")));
    }

    /// <summary>GitHub sends its signals to the shell of a step, which would hand them to nobody.</summary>
    [Fact]
    public void Steps_that_order_vms_become_our_program()
    {
        var scripts = Workflow.Of("image-rebuild.yml").Scripts.Where(script => Verb().Match(script) is { Success: true } match && match.Groups[1].Value is "build" or "verify" or "flake").ToList();

        Assert.Equal(3, scripts.Count);
        Assert.All(scripts, script => Assert.Matches(@"^exec artifacts/linux-x64/macrunners-fleet [^\n;&|]+\n?$", script));
    }

    [Fact]
    public void Versions_are_compared_each_week_and_the_token_may_write_issues_only()
    {
        var workflow = Workflow.Of("version-watch.yml");

        Assert.Matches(@"cron: ""\d+ \d+ \* \* [0-6]""", workflow.Text);
        var permissions = ((YamlMappingNode)Workflow.Get(workflow.Jobs.Single().Value, "permissions")!).Children.Select(entry => $"{entry.Key}: {entry.Value}");
        Assert.Equal(["contents: read", "issues: write"], permissions);
        Assert.Contains("versions check", workflow.Scripts.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_secret_of_the_workflows_is_in_the_documents_table_and_no_other()
    {
        var document = File.ReadAllText(Path.Combine(Workflow.RepositoryRoot(), "DEPLOYMENT.md"));
        var start = document.IndexOf("| Secret |", StringComparison.Ordinal);
        Assert.True(start >= 0, "DEPLOYMENT.md has a table of secrets");
        var table = document[start..].Split("\n\n")[0];

        Assert.Equal(
            Workflow.All.SelectMany(workflow => Secret().Matches(workflow.Text)).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal),
            Row().Matches(table).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("\"[^\"]*\"|[^ ]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"macrunners-fleet image ([a-z]+)")]
    private static partial Regex Verb();

    [GeneratedRegex(@"secrets\.([A-Z0-9_]+)")]
    private static partial Regex Secret();

    [GeneratedRegex(@"^\| `([A-Z0-9_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
