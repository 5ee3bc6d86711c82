namespace MacRunners.Simulator.Git;

/// <summary>Makes a small bare repository with one commit, by git's own plumbing: no working copy, nothing to clean up.</summary>
internal static class DemoRepository
{
    /// <summary>Name below <c>/git/</c>.</summary>
    public const string Name = "demo.git";

    private const string PlainMode = "100644";
    private const string ScriptMode = "100755";

    /// <summary>What it holds unless other files are given; those ending in <c>.sh</c> are executable.</summary>
    public static IReadOnlyDictionary<string, string> Files { get; } = new Dictionary<string, string>
    {
        ["README.md"] = "# Demo\n\nA repository for jobs to check out.\n",
        ["hello.sh"] = "#!/bin/sh\nset -eu\necho \"hello from $BUILDKITE_JOB_ID as $(id -un)\"\n",
        ["src/answer.txt"] = "42\n",
    };

    /// <summary>Creates the repository <paramref name="folder"/>/<paramref name="name"/> and returns its path.</summary>
    public static async Task<string> CreateAsync(
        string folder, CancellationToken cancellation, string name = Name, IReadOnlyDictionary<string, string>? files = null)
    {
        var path = Path.Combine(Path.GetFullPath(folder), name);
        Directory.CreateDirectory(path);
        var environment = new Dictionary<string, string>
        {
            ["GIT_DIR"] = path,
            ["GIT_AUTHOR_NAME"] = "Demo",
            ["GIT_AUTHOR_EMAIL"] = "demo@example.invalid",
            ["GIT_AUTHOR_DATE"] = "2026-01-01T00:00:00Z",
            ["GIT_COMMITTER_NAME"] = "Demo",
            ["GIT_COMMITTER_EMAIL"] = "demo@example.invalid",
            ["GIT_COMMITTER_DATE"] = "2026-01-01T00:00:00Z",
        };
        Task<string> GitAsync(string[] arguments, string? input = null) => GitProcess.RunAsync(arguments, input, environment, cancellation);

        await GitAsync(["init", "--quiet", "--bare", "--initial-branch=main", path]);
        foreach (var (file, content) in files ?? Files)
        {
            var blob = await GitAsync(["hash-object", "-w", "--stdin"], content);
            var mode = file.EndsWith(".sh", StringComparison.Ordinal) ? ScriptMode : PlainMode;
            await GitAsync(["update-index", "--add", "--cacheinfo", $"{mode},{blob},{file}"]);
        }

        var tree = await GitAsync(["write-tree"]);
        var commit = await GitAsync(["commit-tree", "-m", "Demo", tree]);
        await GitAsync(["update-ref", "refs/heads/main", commit]);
        return path;
    }
}
