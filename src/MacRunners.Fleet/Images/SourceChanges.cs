using MacRunners.Fleet.Processes;

namespace MacRunners.Fleet.Images;

/// <summary>Which inputs of the image changed since a commit, by git.</summary>
internal static class SourceChanges
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>What goes into an image.</summary>
    public static readonly IReadOnlyList<string> Inputs =
        ["packaging", "launchd", "src/MacRunners", "src/MacRunners.Buildkite", "Directory.Build.props", "Directory.Packages.props", ".build", "global.json", "Makefile"];

    /// <summary>Paths that changed up to what is checked out; null when the commit is not in this clone.</summary>
    public static async Task<IReadOnlyList<string>?> SinceAsync(string commit, string repository, CancellationToken cancellation)
    {
        var known = await GitAsync(["-C", repository, "rev-parse", "--verify", "--quiet", $"{commit}^{{commit}}"], cancellation);
        if (known.ExitCode != 0)
        {
            return null;
        }

        var changed = await GitAsync(["-C", repository, "diff", "--name-only", known.Output.Trim(), "HEAD", "--", .. Inputs], cancellation);
        return changed.ExitCode == 0
            ? changed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : throw new ProgramException($"git diff: {changed.Summary}");
    }

    /// <summary>The commit that is checked out.</summary>
    public static async Task<string> HeadAsync(string repository, CancellationToken cancellation)
    {
        var head = await GitAsync(["-C", repository, "rev-parse", "HEAD"], cancellation);
        return head.ExitCode == 0 ? head.Output.Trim() : throw new ProgramException($"git rev-parse: {head.Summary}. Run it in the repository.");
    }

    private static Task<ProgramResult> GitAsync(IReadOnlyList<string> arguments, CancellationToken cancellation) => ProgramRunner.RunAsync("git", arguments, Limit, cancellation);
}
