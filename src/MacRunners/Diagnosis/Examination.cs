namespace MacRunners.Diagnosis;

/// <summary>Looks at one side of the machine. Several run at the same time, each within its <see cref="Limit"/>.</summary>
internal abstract class Examination(string name)
{
    /// <summary>Its name, the same for all its findings.</summary>
    public string Name { get; } = name;

    /// <summary>How long it may take; what takes longer is a finding by itself.</summary>
    public virtual TimeSpan Limit => TimeSpan.FromSeconds(60);

    /// <summary>Whether it changes the machine for a moment, so that no other may look meanwhile.</summary>
    public virtual bool RunsAlone => false;

    /// <summary>Looks.</summary>
    public abstract Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken);

    /// <summary>All is well.</summary>
    protected DoctorFinding Ok(string what) => new(Name, DoctorStatus.Ok, what, null);

    /// <summary>Somebody should know.</summary>
    protected DoctorFinding Warning(string what, string remedy) => new(Name, DoctorStatus.Warning, what, remedy);

    /// <summary>No job can run.</summary>
    protected DoctorFinding Failed(string what, string remedy) => new(Name, DoctorStatus.Failed, what, remedy);
}
