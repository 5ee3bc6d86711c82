using System.Text.RegularExpressions;

namespace MacRunners.Tests.Packaging;

/// <summary>The documents say what is.</summary>
public partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(RepositoryRoot.PathOf("README.md"));

    [Fact]
    public void Every_make_target_that_the_documents_name_exists()
    {
        var makefile = File.ReadAllText(RepositoryRoot.PathOf("Makefile"));
        var documents = Readme + File.ReadAllText(RepositoryRoot.PathOf("DEPLOYMENT.md")) + File.ReadAllText(RepositoryRoot.PathOf("CLAUDE.md"));
        var targets = Targets().Matches(documents).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.NotEmpty(targets);
        Assert.All(targets, target => Assert.Matches($"(?m)^([a-z-]+ )*{Regex.Escape(target)}( [a-z-]+)*:", makefile));
    }

    [Fact]
    public void Every_file_that_the_guide_names_exists()
    {
        var guide = File.ReadAllText(RepositoryRoot.PathOf("CLAUDE.md"));
        var files = Files().Matches(guide).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(File.Exists(RepositoryRoot.PathOf("src", "MacRunners", file)), file));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("DEPLOYMENT.md")]
    [InlineData("CLAUDE.md")]
    public void Every_link_within_the_repository_leads_somewhere(string document) => Assert.All(
        Links().Matches(File.ReadAllText(RepositoryRoot.PathOf(document))).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal)),
        link =>
        {
            var parts = link.Split('#');
            var file = RepositoryRoot.PathOf(parts[0].Length > 0 ? parts[0] : document);
            Assert.True(Path.Exists(file), link);
            if (parts is [_, var anchor])
            {
                Assert.Contains(anchor, Headings().Matches(File.ReadAllText(file)).Select(match => Anchor(match.Groups[1].Value)));
            }
        });

    // As GitHub makes them.
    private static string Anchor(string heading) =>
        string.Concat(heading.Trim().ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex("(?:`|^)make ([a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex Targets();

    [GeneratedRegex("`([A-Z][A-Za-z]+/[A-Za-z/]+\\.cs)`")]
    private static partial Regex Files();
}
