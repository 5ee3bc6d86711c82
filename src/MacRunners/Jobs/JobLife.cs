using MacRunners.Accounts;
using MacRunners.Platform;

namespace MacRunners.Jobs;

/// <summary>What is known of one job on this machine. The only way to change the state is <see cref="Enter"/>.</summary>
internal sealed class JobLife(Guid job)
{
    /// <summary>The job's id at Buildkite.</summary>
    public Guid Job { get; } = job;

    /// <summary>Where it stands.</summary>
    public JobStage Stage { get; private set; } = JobStage.Reserved;

    /// <summary>The account, as soon as its creation was intended: from then on traces of it may exist.</summary>
    public JobAccount? Account { get; set; }

    /// <summary>The agent's process while the stage is <see cref="JobStage.AgentStarted"/>.</summary>
    public ProcessIdentity? Agent { get; set; }

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
}
