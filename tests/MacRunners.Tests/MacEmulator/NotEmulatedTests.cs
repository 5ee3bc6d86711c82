using System.ComponentModel;
using System.Text.RegularExpressions;
using MacRunners.MacEmulator.Root;
using MacRunners.Platform;
using MacRunners.Tests.Packaging;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>The list of what the emulator cannot show, which every run of the tests prints, says no more and no less than is so.</summary>
[Collection(AccountsCollection.Name)]
public sealed partial class NotEmulatedTests(EmulatedCommands mac) : IClassFixture<EmulatedCommands>
{
    private static readonly IReadOnlyList<Gap> Gaps =
    [
        .. File.ReadLines(RepositoryRoot.PathOf("tests", "not-emulated.tsv"))
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .Select(fields => new Gap(fields[0], fields[1], fields[2].Split(' '))),
    ];

    public static TheoryData<string> Names => [.. Gaps.Select(gap => gap.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task What_is_said_to_be_missing_is_missing(string name)
    {
        var gap = Gaps.Single(gap => gap.Name == name);
        Assert.NotEmpty(gap.Reason);

        Assert.NotEqual(0, await ExitCodeAsync(gap.Command));
    }

    [Fact]
    public void Every_command_of_the_macOS_code_is_emulated_or_on_the_list()
    {
        var used = Directory.EnumerateFiles(RepositoryRoot.PathOf("src", "MacRunners", "Platform", "MacOS"), "*.cs")
            .SelectMany(file => Command().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .ToHashSet(StringComparer.Ordinal);

        Assert.Contains("/usr/bin/dscl", used);

        // A shell for accounts that are to have none; nobody runs it.
        Assert.Empty(used.Except(ToolPaths.All).Except(Gaps.Select(gap => gap.Command[0])).Except(["/usr/bin/false"]));
    }

    [Fact]
    public void The_list_is_printed_with_the_results() =>
        Assert.Contains("tests/not-emulated.tsv", File.ReadAllText(RepositoryRoot.PathOf(".build", "test.sh")), StringComparison.Ordinal);

    private async Task<int> ExitCodeAsync(IReadOnlyList<string> command)
    {
        try
        {
            return (await mac.RunAsync(command[0], [.. command.Skip(1)])).ExitCode;
        }
        catch (Exception e) when (e is ToolException or Win32Exception)
        {
            // There is no such command.
            return -1;
        }
    }

    [GeneratedRegex("\"(/(?:usr/)?s?bin/[A-Za-z_0-9]+)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Command();

    /// <summary>A gap.</summary>
    /// <param name="Name">What cannot be shown.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Command">What would work if it could.</param>
    private sealed record Gap(string Name, string Reason, string[] Command);
}
