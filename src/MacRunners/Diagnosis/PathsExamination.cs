using MacRunners.Hosting;
using MacRunners.Platform;

namespace MacRunners.Diagnosis;

/// <summary>Could anybody but root change what root acts on? Every component of every path, the program itself included.</summary>
internal sealed class PathsExamination(IReadOnlyList<Hosting.Configuration.GuardedPath> paths, string program, IFileCalls files) : Examination("paths")
{
    /// <inheritdoc/>
    public override Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var safety = new PathSafety(files);
        var all = paths.Append(new("this program", program, PathUse.File)).ToList();
        var problems =
            from path in all
            from problem in safety.Inspect(path.Path, path.Use)
            select Failed($"{path.Key} {path.Path}: {problem.Component} {problem.Problem}", problem.Remedy);
        var found = problems.Distinct().ToList();
        return Task.FromResult<IReadOnlyList<DoctorFinding>>(
            found.Count > 0 ? found : [Ok($"{all.Count} paths (folders, configuration, token, agent, this program): nobody but root can change a component of them")]);
    }
}
