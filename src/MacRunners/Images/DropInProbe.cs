using MacRunners.Hosting;
using MacRunners.Platform;

namespace MacRunners.Images;

/// <summary>A program of the operator's in the folder of probes: exit code 0 says that all is well, its output says what it found.</summary>
internal sealed class DropInProbe(string path, JobPrograms programs, IFileCalls files) : ImageProbe(Path.GetFileName(path))
{
    /// <summary>Those in a folder, by name; none when it does not exist.</summary>
    public static IEnumerable<DropInProbe> In(string folder, JobPrograms programs, IFileCalls files) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(path => new DropInProbe(path, programs, files)) : [];

    /// <inheritdoc/>
    public override async Task<ProbeFinding> RunAsync(CancellationToken cancellationToken)
    {
        // Whoever verifies is mostly root.
        if (new PathSafety(files).Inspect(path, PathUse.Program) is [var problem, ..])
        {
            return Failed("a program that only root can change", $"{problem.Component} {problem.Problem}: {problem.Remedy}", path);
        }

        var result = await programs.RunAsync(path, [], [], "", cancellationToken);
        return result.ExitCode == 0 ? Ok(result.Output.Trim(), path) : Failed("exit code 0", result.Summary, path);
    }
}
