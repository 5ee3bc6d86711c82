using System.Text.RegularExpressions;
using MacRunners.Fleet.Commands;
using MacRunners.Fleet.Tests.Workflows;

namespace MacRunners.Fleet.Tests.Commands;

/// <summary>What the documents say about the verbs is so.</summary>
public sealed partial class DocumentedVerbsTests
{
    private static readonly string Documents = string.Concat(
        new[] { "README.md", "DEPLOYMENT.md", "CLAUDE.md" }.Select(name => File.ReadAllText(Path.Combine(Workflow.RepositoryRoot(), name))));

    [Fact]
    public void Every_verb_that_is_mentioned_exists_with_its_flags()
    {
        var mentions = Mention().Matches(Documents).Select(match => match.Groups[1].Value.Trim()).Distinct().ToList();

        Assert.True(mentions.Count >= 9, string.Join('\n', mentions));
        Assert.All(mentions, mention =>
        {
            var arguments = mention.Split(' ', StringSplitOptions.RemoveEmptyEntries);

            // What is required and says nothing about the verb is left out of running text.
            var errors = FleetCommandLine.Errors(arguments).Where(error => !error.Contains("is required", StringComparison.Ordinal));
            Assert.True(!errors.Any(), $"{mention}: {string.Join("; ", errors)}");
        });
    }

    [Theory]
    [InlineData("orka vm list")]
    [InlineData("orka image list")]
    public void The_command_line_of_orka_2_is_not_mentioned(string command) => Assert.DoesNotMatch($@"\b{command}", Documents);

    [Theory]
    [InlineData("orka3 image list")]
    [InlineData("orka3 vm-config list")]
    [InlineData("orka3 vm list")]
    [InlineData("orka3 node list")]
    [InlineData("orka3 vm-config delete")]
    public void How_to_look_at_the_cluster_by_hand_is_said(string command) => Assert.Contains(command, Documents, StringComparison.Ordinal);

    [GeneratedRegex(@"macrunners-fleet (image [^`\n#]+)")]
    private static partial Regex Mention();
}
