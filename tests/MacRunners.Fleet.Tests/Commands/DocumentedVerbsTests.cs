using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using MacRunners.Fleet.Commands;
using MacRunners.Fleet.Tests.Workflows;

namespace MacRunners.Fleet.Tests.Commands;

/// <summary>What the documents say about the verbs is so.</summary>
public sealed partial class DocumentedVerbsTests
{
    private static readonly string Documents = string.Concat(
        new[] { "README.md", "DEPLOYMENT.md", "CLAUDE.md" }.Select(name => File.ReadAllText(Path.Combine(Workflow.RepositoryRoot(), name))));

    /// <summary>All verbs, and what they stand below.</summary>
    public static TheoryData<string> Verbs { get; } = new(PathsOf(FleetCommandLine.Root(FleetContext.OfThisProcess), "").Select(path => path.Trim()));

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_says_what_it_does_takes_and_ends_with(string verb)
    {
        var command = verb.Split(' ', StringSplitOptions.RemoveEmptyEntries).Aggregate((Command)FleetCommandLine.Root(FleetContext.OfThisProcess), (parent, name) => parent.Subcommands.Single(child => child.Name == name));

        var help = await HelpAsync(verb);

        Assert.Contains(command.Description!, string.Join(' ', help.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.All(command.Options, option => Assert.Contains(option.Name, help, StringComparison.Ordinal));
        Assert.All(command.Subcommands, child => Assert.Matches($@"(?m)^  {child.Name}\b", help));
        var codes = typeof(ExitCodes).GetFields(BindingFlags.Static | BindingFlags.Public).Where(field => field.FieldType == typeof(int)).Select(field => (int)field.GetRawConstantValue()!);
        Assert.Equal(codes, ExitCode().Matches(help).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Every_verb_is_in_the_documents() => Assert.All(
        PathsOf(FleetCommandLine.Root(FleetContext.OfThisProcess), ""), verb => Assert.Contains($"macrunners-fleet{verb}", Documents, StringComparison.Ordinal));

    [Fact]
    public async Task Every_verb_that_is_mentioned_exists_with_its_flags()
    {
        var mentions = Mention().Matches(Documents).Select(match => match.Groups[1].Value.Trim()).Distinct().ToList();

        Assert.True(mentions.Count >= 9, string.Join('\n', mentions));
        await Assert.AllAsync(mentions, async mention =>
        {
            await HelpAsync(mention);
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

    private static async Task<string> HelpAsync(string arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var context = FleetContext.OfThisProcess with { Output = output, Error = error };

        var code = await FleetCommandLine.RunAsync([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"], context, TestContext.Current.CancellationToken);

        Assert.Equal((ExitCodes.Success, ""), (code, error.ToString()));
        Assert.Contains("Usage:", output.ToString(), StringComparison.Ordinal);
        return output.ToString();
    }

    private static IEnumerable<string> PathsOf(Command command, string path) => command.Subcommands.SelectMany(child => PathsOf(child, $"{path} {child.Name}")).Prepend(path);

    [GeneratedRegex(@"^  ([0-9]+) +[^ ]", RegexOptions.Multiline)]
    private static partial Regex ExitCode();

    [GeneratedRegex(@"macrunners-fleet (image [^`\n#]+)")]
    private static partial Regex Mention();
}
