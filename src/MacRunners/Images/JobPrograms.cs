using MacRunners.Platform;

namespace MacRunners.Images;

/// <summary>Programs as a job finds and starts them: by its <c>PATH</c>, in an environment of little else.</summary>
/// <param name="searchPath">The value of a job's <c>PATH</c>.</param>
/// <param name="tool">Starts them.</param>
internal sealed class JobPrograms(string searchPath, ITool tool)
{
    private const string Env = "/usr/bin/env";

    // Cancelled by the probe's own limit before.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>The folders of the search path, in its order.</summary>
    public IReadOnlyList<string> Folders { get; } = searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What the name leads to; null when nothing does. Absolute paths lead to themselves.</summary>
    public string? Find(string name) => name.StartsWith('/')
        ? IsProgram(name) ? name : null
        : Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsProgram);

    /// <summary>Runs a program, and gives it a text to read.</summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">Passed as they are.</param>
    /// <param name="variables">Further variables, as <c>NAME=value</c>.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> variables, string input, CancellationToken cancellationToken) =>
        tool.RunAsync(Env, ["-i", $"PATH={searchPath}", "LC_ALL=C", "HOME=/var/empty", .. variables, program, .. arguments], input, Longest, cancellationToken);

    /// <summary>What a path leads to in the end, if it is a link; it need not exist.</summary>
    public static string Target(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    private static bool IsProgram(string path) => File.Exists(path) && Target(path) is var real && File.Exists(real) && (File.GetUnixFileMode(real) & UnixFileMode.OtherExecute) != 0;
}
