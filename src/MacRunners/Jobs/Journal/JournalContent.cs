using MacRunners.Accounts;
using MacRunners.Agent;

namespace MacRunners.Jobs.Journal;

/// <summary>What a sequence of journal lines adds up to.</summary>
internal sealed class JournalContent
{
    private readonly Dictionary<Guid, JobLife> _jobs = [];
    private readonly List<UnknownEntry> _unknown = [];
    private readonly HashSet<uint> _given = [];

    /// <summary>Jobs that are not over, in no order.</summary>
    public IReadOnlyCollection<JobLife> OpenJobs => _jobs.Values;

    /// <summary>Lines of newer versions.</summary>
    public IReadOnlyList<UnknownEntry> Unknown => _unknown;

    /// <summary>The boot of the last header.</summary>
    public string? BootId { get; private set; }

    /// <summary>The machine's name in the last header.</summary>
    public string? Host { get; private set; }

    /// <summary>Least number that was not given to an account since the counter began; 0 when none was.</summary>
    public uint NextUid { get; private set; }

    /// <summary>Numbers that accounts of jobs have, or had until they were proven gone; those of earlier files are not among them.</summary>
    public IReadOnlySet<uint> GivenUids => _given;

    /// <summary>Why the machine is dirty; null when it is not.</summary>
    public MachineDirty? Dirty { get; private set; }

    /// <summary>Takes one more line into account.</summary>
    /// <exception cref="InvalidDataException">The header is of a version this daemon must not touch.</exception>
    public void Apply(JournalEntry entry)
    {
        switch (entry)
        {
            case JournalHeader header:
                if (header.Version > JournalFile.FormatVersion)
                {
                    throw new InvalidDataException(
                        $"the journal has format {header.Version}, this daemon writes {JournalFile.FormatVersion}: install the newer macrunners again, or remove the journal after a reboot");
                }

                if (BootId != header.BootId)
                {
                    ForgetProcesses();
                }

                BootId = header.BootId;
                Host = header.Host;
                NextUid = header.NextUid;
                break;
            case MachineDirty dirty:
                Dirty = dirty;
                break;
            case MachineClean:
                Dirty = null;
                break;
            case UnknownEntry unknown:
                _unknown.Add(unknown);
                break;
            case JobEntry job:
                Apply(job);
                break;
        }
    }

    private void Apply(JobEntry entry)
    {
        if (!_jobs.TryGetValue(entry.Job, out var life) || (entry is JobReserved && life.Stage == JobStage.Clean))
        {
            life = new JobLife(entry.Job);
            _jobs[entry.Job] = life;
        }

        switch (entry)
        {
            case AccountCreating creating:
                NextUid = Math.Max(NextUid, creating.Uid + 1);
                life.Account = new JobAccount(creating.Name, creating.Uid, creating.Home, OnVolume: creating.OnVolume);
                break;
            case JobReserved reserved:
                life.ReservedAt = reserved.At;
                life.IsSecondAttempt = reserved.IsAgain;
                break;
            case NumberTaken:
                life.Account = null;
                break;
            case AccountCreated created when life.Account is not null:
                life.Account = life.Account with { GeneratedUid = created.GeneratedUid, HomeIdentity = created.Home, VolumeId = created.VolumeId };
                life.Recall(JobStage.AccountCreated);
                _ = _given.Add(life.Account.Id);
                break;
            case AgentStarted started:
                life.Agent = new AgentRun(started.Process, started.Clock);
                life.Recall(JobStage.AgentStarted);
                break;
            case AgentAcquired acquired:
                life.Agent = life.Agent is { } run ? run with { AcquiredAt = acquired.Clock } : null;
                break;
            case AgentEnding ending:
                life.Agent = life.Agent is { } still ? still with { EndCause = ending.Cause, EndingAt = ending.Clock } : null;
                break;
            case AgentEnded ended:
                life.Agent = null;
                life.End = new AgentEnd(ended.ExitCode, ended.Cause);
                life.Recall(JobStage.AgentEnded);
                break;
            case StepDone done:
                life.Recall(done.Stage);
                break;
            case JobSettled:
                life.IsSettled = true;
                break;
        }

        if (life.IsOver)
        {
            _ = _jobs.Remove(entry.Job);
        }
    }

    // A number of another boot means somebody else's process.
    private void ForgetProcesses()
    {
        foreach (var life in _jobs.Values)
        {
            life.Agent = null;
        }
    }
}
