using System.Diagnostics;
using System.Text.RegularExpressions;
using MacRunners.Commands;
using MacRunners.Tests.Commands;
using MacRunners.Tests.Hosting;
using MacRunners.Tests.Packaging;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Documentation;

/// <summary>What the documents tell people to type works.</summary>
public sealed partial class DocumentedCommandsTests
{
    [Fact]
    public void Every_command_in_the_documents_is_run_by_a_test_or_has_a_reason_not_to_be()
    {
        Assert.NotEmpty(DocumentedCommands.Typed);
        var unknown = DocumentedCommands.Typed.Where(command => !DocumentedCommands.Covered.ContainsKey(command)).ToList();
        Assert.True(unknown.Count == 0, $"Add to {nameof(DocumentedCommands)}, with the test that runs it or the reason why none can:\n{string.Join('\n', unknown)}");

        var stale = DocumentedCommands.Covered.Keys.Except(DocumentedCommands.Typed).ToList();
        Assert.True(stale.Count == 0, $"In no document any more; remove from {nameof(DocumentedCommands)}:\n{string.Join('\n', stale)}");
    }

    [Fact]
    public void Every_test_that_is_named_there_exists()
    {
        var sources = Directory.EnumerateFiles(RepositoryRoot.PathOf("tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .ToList();
        var named = DocumentedCommands.Covered.Values.Where(cover => TestName().IsMatch(cover)).Distinct().Select(name => name.Split('.')).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(sources, source => Regex.IsMatch(source, $@"class {name[0]}\b") && Regex.IsMatch(source, $@"\b{name[1]}\(")));
    }

    [Fact]
    public void Every_verb_that_is_mentioned_exists_with_its_flags()
    {
        Assert.Contains("macrunners doctor", DocumentedCommands.Verbs);
        Assert.All(DocumentedCommands.Verbs, mention =>
        {
            var arguments = mention.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)
                .Select(word => word is "ID" or "UUID" or "<job" ? $"{Guid.Empty}" : word)
                .Where(word => word is not ("…" or "id>"))
                .ToArray();
            Assert.True(CommandLine.Errors(arguments) is { Count: 0 }, $"'{mention}' is not understood: {string.Join("; ", CommandLine.Errors(arguments))}");
        });
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("macos")]
    public void The_configuration_is_made_and_checked_as_written(string system)
    {
        using var scratch = RootFolder.Create();
        Scratch.Shell("printf '#!/bin/sh\\necho buildkite-agent version 3.87.0, build 1\\n' > $1/agent; chmod 0755 $1/agent; mkdir $1/etc", scratch.Folder);
        File.WriteAllText(scratch["etc/macrunners.json.example"], Here(File.ReadAllText(RepositoryRoot.PathOf("packaging", system, "macrunners.json.example")), scratch));
        foreach (var command in DocumentedCommands.Typed.Where(command => command.Contains("/opt/macrunners/etc/", StringComparison.Ordinal)))
        {
            Scratch.Shell("echo bkct_example | " + Here(command, scratch));
        }

        Assert.Equal("bkct_example\n", File.ReadAllText(scratch["etc/agent-token"]));
        foreach (var verb in new[] { "validate", "show" })
        {
            Assert.Contains($"macrunners config {verb}", DocumentedCommands.Typed);
            using var process = Process.Start(new ProcessStartInfo(HelperVerb.Program, ["config", verb, "--config", scratch["etc/macrunners.json"]])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, output);
        }
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("DEPLOYMENT.md")]
    [InlineData("CLAUDE.md")]
    public void Every_link_within_the_repository_leads_to_a_file_and_a_heading_of_it(string document)
    {
        foreach (var target in Link().Matches(File.ReadAllText(RepositoryRoot.PathOf(document))).Select(match => match.Groups[1].Value))
        {
            var (file, heading) = target.Split('#') is [var path, var name] ? (path, name) : (target, null);
            file = file.Length == 0 ? document : file;
            Assert.True(Path.Exists(RepositoryRoot.PathOf(file)), $"{document} links to {file}, which is not there");
            if (heading is not null)
            {
                Assert.Contains(heading, Heading().Matches(File.ReadAllText(RepositoryRoot.PathOf(file))).Select(match => Anchor(match.Groups[1].Value)));
            }
        }
    }

    // As GitHub makes it.
    private static string Anchor(string heading) =>
        string.Concat(heading.ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')).Replace(' ', '-');

    // Elsewhere than on the machine's own disk.
    private static string Here(string text, Scratch scratch) => text
        .Replace("/usr/local/bin/buildkite-agent", scratch["agent"], StringComparison.Ordinal)
        .Replace("/usr/bin/buildkite-agent", scratch["agent"], StringComparison.Ordinal)
        .Replace("/opt/macrunners", scratch.Folder, StringComparison.Ordinal);

    [GeneratedRegex(@"\]\((?!https?:)([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^[A-Z]\w+\.[A-Z]\w+$")]
    private static partial Regex TestName();
}
