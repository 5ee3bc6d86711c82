using MacRunners.Accounts;
using MacRunners.Agent;

namespace MacRunners.Jobs;

/// <summary>What is known of one job on this machine. Its stage changes by <see cref="Enter"/>, and by <see cref="Recall"/> when the journal is read.</summary>
internal sealed class JobLife(Guid job)
{
    /// <summary>The job's id at Buildkite.</summary>
    public Guid Job { get; } = job;

    /// <summary>Where it stands.</summary>
    public JobStage Stage { get; private set; } = JobStage.Reserved;

    /// <summary>The account, as soon as its creation was intended: from then on traces of it may exist.</summary>
    public JobAccount? Account { get; set; }

    /// <summary>The agent while the stage is <see cref="JobStage.AgentStarted"/>.</summary>
    public AgentRun? Agent { get; set; }

    /// <summary>How the agent ended, once that is known.</summary>
    public AgentEnd? End { get; set; }

    /// <summary>When Buildkite reserved the job for this machine; null for what has no job there, such as an account found without one.</summary>
    public DateTimeOffset? ReservedAt { get; set; }

    /// <summary>Whether it was reserved a second time because the daemon was interrupted before an agent had it.</summary>
    public bool IsSecondAttempt { get; set; }

    /// <summary>Whether nothing is left to be found out, told or reported.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Whether the journal can forget it.</summary>
    public bool IsOver => Stage == JobStage.Clean && (IsSettled || ReservedAt is null);

    /// <summary>Whether a move is legal.</summary>
    public static bool CanMove(JobStage from, JobStage to) => (from, to) switch
    {
        (JobStage.Clean, _) => false,
        (_, JobStage.Dirty) => true,
        (JobStage.Reserved, JobStage.AccountCreated) => true,
        (JobStage.AccountCreated, JobStage.AgentStarted) => true,
        (JobStage.AgentStarted, JobStage.AgentEnded) => true,
        (JobStage.Reserved, JobStage.Clean) => true, // Given back before anything was made.
        (JobStage.Reserved or JobStage.AccountCreated or JobStage.AgentStarted or JobStage.AgentEnded or JobStage.Dirty, JobStage.ProcessesGone) => true,
        (JobStage.ProcessesGone or JobStage.FilesGone or JobStage.AccountGone, JobStage.ProcessesGone) => true, // Teardown runs again from its start.
        (JobStage.ProcessesGone, JobStage.FilesGone) => true,
        (JobStage.FilesGone, JobStage.AccountGone) => true,
        (JobStage.AccountGone, JobStage.Clean) => true,
        _ => false,
    };

    /// <summary>The same, independent of this one from now on.</summary>
    public JobLife Copy() => (JobLife)MemberwiseClone();

    /// <summary>Moves to <paramref name="next"/>.</summary>
    /// <exception cref="InvalidOperationException">The move is illegal; the state is unchanged.</exception>
    public void Enter(JobStage next)
    {
        if (!CanMove(Stage, next))
        {
            throw new InvalidOperationException($"Job {Job} cannot go from {Stage} to {next}");
        }

        Stage = next;
    }

    /// <summary>The journal says so. Lines before may be lost, so nothing is illegal; but a job that was clean stays it.</summary>
    public void Recall(JobStage stage) => Stage = Stage == JobStage.Clean ? Stage : stage;
}
