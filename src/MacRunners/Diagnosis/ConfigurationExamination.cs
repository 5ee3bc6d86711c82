using MacRunners.Hosting.Configuration;

namespace MacRunners.Diagnosis;

/// <summary>Is the configuration sound? Its paths are <see cref="PathsExamination"/>'s.</summary>
internal sealed class ConfigurationExamination(ConfigurationAudit audit) : Examination("configuration")
{
    /// <inheritdoc/>
    public override Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var faults = audit.Faults.Where(fault => fault.Allowed != Fault.SafePath).ToList();
        var file = audit.Paths.FirstOrDefault(path => path.Key == "--config")?.Path ?? "no file";
        return Task.FromResult<IReadOnlyList<DoctorFinding>>(faults.Count == 0
            ? [Ok($"{file} and what overrides it: no fault")]
            : [.. faults.Select(fault => Failed($"{fault.Key}{(fault.Value is { } value ? $" = \"{value}\"" : " is not set")}; allowed: {fault.Allowed}", fault.Remedy))]);
    }
}
