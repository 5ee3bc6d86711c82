using MacRunners.Accounts;
using MacRunners.Platform;

namespace MacRunners.Jobs;

/// <summary>What is known of one job on this machine. The only way to change the state is <see cref="Enter"/>.</summary>
internal sealed class JobLife(Guid job)
{
    /// <summary>The job's id at Buildkite.</summary>
    public Guid Job { get; } = job;

    /// <summary>Where it stands.</summary>
    public JobState State { get; private set; } = JobState.Reserved;

    /// <summary>The account, as soon as its creation was intended: from then on traces of it may exist.</summary>
    public JobAccount? Account { get; set; }

    /// <summary>The agent's process while the state is <see cref="JobState.AgentStarted"/>.</summary>
    public ProcessIdentity? Agent { get; set; }

    /// <summary>Whether a move is legal.</summary>
    public static bool CanMove(JobState from, JobState to) => (from, to) switch
    {
        (JobState.Clean, _) => false,
        (_, JobState.Dirty) => true,
        (JobState.Reserved, JobState.AccountCreated) => true,
        (JobState.AccountCreated, JobState.AgentStarted) => true,
        (JobState.AgentStarted, JobState.AgentEnded) => true,
        (JobState.Reserved, JobState.Clean) => true, // Given back before anything was made.
        (JobState.Reserved or JobState.AccountCreated or JobState.AgentStarted or JobState.AgentEnded or JobState.Dirty, JobState.ProcessesGone) => true,
        (JobState.ProcessesGone or JobState.FilesGone or JobState.AccountGone, JobState.ProcessesGone) => true, // Teardown runs again from its start.
        (JobState.ProcessesGone, JobState.FilesGone) => true,
        (JobState.FilesGone, JobState.AccountGone) => true,
        (JobState.AccountGone, JobState.Clean) => true,
        _ => false,
    };

    /// <summary>Moves to <paramref name="next"/>.</summary>
    /// <exception cref="InvalidOperationException">The move is illegal; the state is unchanged.</exception>
    public void Enter(JobState next)
    {
        if (!CanMove(State, next))
        {
            throw new InvalidOperationException($"Job {Job} cannot go from {State} to {next}");
        }

        State = next;
    }
}
