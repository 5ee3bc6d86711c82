using MacRunners.Accounts;

namespace MacRunners.Jobs.Journal;

/// <summary>What a sequence of journal lines adds up to.</summary>
internal sealed class JournalContent
{
    private readonly Dictionary<Guid, JobLife> _jobs = [];
    private readonly List<UnknownEntry> _unknown = [];

    /// <summary>Jobs that are not proven clean, in no order.</summary>
    public IReadOnlyCollection<JobLife> OpenJobs => _jobs.Values;

    /// <summary>Lines of newer versions.</summary>
    public IReadOnlyList<UnknownEntry> Unknown => _unknown;

    /// <summary>The boot of the last header.</summary>
    public string? BootId { get; private set; }

    /// <summary>Least number that was not given to an account since the counter began; 0 when none was.</summary>
    public uint NextUid { get; private set; }

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

                BootId = header.BootId;
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
        if (!_jobs.TryGetValue(entry.Job, out var life))
        {
            life = new JobLife(entry.Job);
            _jobs.Add(entry.Job, life);
        }

        switch (entry)
        {
            case AccountCreating creating:
                NextUid = Math.Max(NextUid, creating.Uid + 1);
                life.Account = new JobAccount(creating.Name, creating.Uid, creating.Home);
                break;
            case NumberTaken:
                life.Account = null;
                break;
            case AccountCreated created when life.Account is not null:
                life.Account = life.Account with { GeneratedUid = created.GeneratedUid, HomeIdentity = created.Home };
                Move(life, JobStage.AccountCreated);
                break;
            case AgentStarted started:
                life.Agent = started.Process;
                Move(life, JobStage.AgentStarted);
                break;
            case AgentEnded:
                life.Agent = null;
                Move(life, JobStage.AgentEnded);
                break;
            case StepDone { Stage: JobStage.Clean }:
                _ = _jobs.Remove(entry.Job);
                break;
            case StepDone done:
                Move(life, done.Stage);
                break;
        }
    }

    // A lost line in between must not stop recovery: what follows a gap is teardown, which fits every state.
    private static void Move(JobLife life, JobStage state)
    {
        if (JobLife.CanMove(life.Stage, state))
        {
            life.Enter(state);
        }
    }
}
