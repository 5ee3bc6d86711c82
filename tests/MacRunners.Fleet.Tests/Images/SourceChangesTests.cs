using System.Diagnostics;
using MacRunners.Fleet.Images;
using MacRunners.Fleet.Tests.Workflows;

namespace MacRunners.Fleet.Tests.Images;

/// <summary>What an image is made of.</summary>
public sealed class SourceChangesTests
{
    // What no image can differ by.
    private static readonly string[] Others =
    [
        ".ci", ".editorconfig", ".gitattributes", ".github", ".gitignore", "CLAUDE.md", "DEPLOYMENT.md", "MacRunners.sln", "README.md", "tests",
        "src/MacRunners.Fleet", "src/MacRunners.Simulator",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Everything_in_the_repository_is_an_input_or_known_not_to_be()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Workflow.RepositoryRoot(), "ls-files"]) { RedirectStandardOutput = true })!;
        var parts = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(path => path.Split('/') is ["src", var project, ..] ? $"src/{project}" : path.Split('/')[0]).Distinct().ToList();
        git.WaitForExit();

        Assert.NotEmpty(parts);
        Assert.Empty(parts.Except(SourceChanges.Inputs).Except(Others));
        Assert.Empty(SourceChanges.Inputs.Except(parts));
        Assert.Empty(SourceChanges.Inputs.Intersect(Others));
    }

    [Fact]
    public async Task A_change_of_each_is_seen_and_of_nothing_else()
    {
        using var repository = new GitRepository();
        foreach (var input in SourceChanges.Inputs)
        {
            var before = repository.Commit("README.md");
            repository.Commit(input is "Makefile" || input.EndsWith(".props", StringComparison.Ordinal) || input.EndsWith(".json", StringComparison.Ordinal) ? input : $"{input}/file");

            Assert.StartsWith(input, Assert.Single((await SourceChanges.SinceAsync(before, repository.Folder, Cancellation))!), StringComparison.Ordinal);
        }
    }
}
