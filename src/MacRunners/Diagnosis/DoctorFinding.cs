namespace MacRunners.Diagnosis;

/// <summary>One thing that was found out about the machine.</summary>
/// <param name="Check">Name of the examination.</param>
/// <param name="Status">How bad it is.</param>
/// <param name="What">What was found.</param>
/// <param name="Remedy">What to do about it; null when all is well.</param>
internal sealed record DoctorFinding(string Check, DoctorStatus Status, string What, string? Remedy);

/// <summary>How bad a finding is.</summary>
internal enum DoctorStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Jobs can run, but somebody should know.</summary>
    Warning,

    /// <summary>No job can run, or none should.</summary>
    Failed,
}
