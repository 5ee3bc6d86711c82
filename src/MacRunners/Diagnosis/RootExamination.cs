namespace MacRunners.Diagnosis;

/// <summary>Is this root?</summary>
internal sealed class RootExamination() : Examination("root")
{
    /// <inheritdoc/>
    public override Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<DoctorFinding>>(
    [
        Environment.IsPrivilegedProcess
            ? Ok("doctor runs as root")
            : Failed("doctor does not run as root: most of what follows could not be looked at", "Run it with sudo."),
    ]);
}
