using MacRunners.Hosting;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;

namespace MacRunners.Diagnosis;

/// <summary>Is the daemon known to the service manager, by files that only root can change?</summary>
internal sealed class ServiceExamination(IServiceManager service, IFileCalls files, string state) : Examination("service")
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var look = await service.LookAsync(cancellationToken);
        var runs = JournalFile.IsHeld(state);
        if (look.State == ServiceState.NoManager)
        {
            return [runs ? Ok($"{look.Detail}; a daemon runs all the same") : Warning(look.Detail, "Start the daemon by other means: macrunners run.")];
        }

        var safety = new PathSafety(files);
        var present = service.Definitions.Where(File.Exists).ToList();
        var findings = present
            .SelectMany(file => safety.Inspect(file, PathUse.File).Select(problem => Failed($"{file}: {problem.Component} {problem.Problem}", problem.Remedy)))
            .ToList();
        findings.Add((look.State, runs) switch
        {
            (ServiceState.NotLoaded, _) when !present.Contains(service.Definitions[0]) => Warning(
                $"{service.Name} does not know the daemon: {service.Definitions[0]} does not exist", "Install the package, or the file (DEPLOYMENT.md)."),
            (ServiceState.NotLoaded, _) => Warning($"{service.Name} has not loaded {service.Definitions[0]}", $"Load and start it: {service.StartCommand}"),
            (ServiceState.Running, _) => Ok($"{service.Name}: {look.Detail}"),
            (_, true) => Warning($"{service.Name}: {look.Detail}; but a daemon runs", "It was started by other means, and nobody starts it again after its end or at boot."),
            _ => Warning($"{service.Name}: {look.Detail}", $"Start it: {service.StartCommand}; see its log if it ends again."),
        });
        return findings;
    }
}
