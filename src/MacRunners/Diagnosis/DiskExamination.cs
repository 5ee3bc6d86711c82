using MacRunners.Health;

namespace MacRunners.Diagnosis;

/// <summary>Is there room for journal and homes?</summary>
internal sealed class DiskExamination(FreeSpace space) : Examination("disk")
{
    /// <inheritdoc/>
    public override Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var look = space.Look();
        return Task.FromResult<IReadOnlyList<DoctorFinding>>(
        [
            look.IsTooLittle ? Failed(look.Detail, FreeSpace.Remedy) : look.IsScarce ? Warning(look.Detail, FreeSpace.Remedy) : Ok(look.Detail),
        ]);
    }
}
