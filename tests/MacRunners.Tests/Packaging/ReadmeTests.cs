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

    [GeneratedRegex("(?:`|^)make ([a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex Targets();

    [GeneratedRegex("`([A-Z][A-Za-z]+/[A-Za-z/]+\\.cs)`")]
    private static partial Regex Files();
}
