namespace MacRunners.Simulator.State;

/// <summary>What the states mean: their names, which are final, and the only steps that exist between them.</summary>
internal static class JobStates
{
    /// <summary>The name used by the service.</summary>
    public static string Name(this JobState state) => state switch
    {
        JobState.Scheduled => "scheduled",
        JobState.Reserved => "reserved",
        JobState.Accepted => "accepted",
        JobState.Running => "running",
        JobState.Canceling => "canceling",
        JobState.TimingOut => "timing_out",
        JobState.Finished => "finished",
        JobState.Canceled => "canceled",
        JobState.TimedOut => "timed_out",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    /// <summary>
    /// The name an agent is told. Agents of the pinned version know only the words for cancelling, so a time-out reaches them as one.
    /// </summary>
    public static string NameForAgent(this JobState state) => state switch
    {
        JobState.TimingOut => JobState.Canceling.Name(),
        JobState.TimedOut => JobState.Canceled.Name(),
        _ => state.Name(),
    };

    /// <summary>Whether nothing can happen to the job any more.</summary>
    public static bool IsFinal(this JobState state) => state is JobState.Finished or JobState.Canceled or JobState.TimedOut;

    /// <summary>Whether the agent may report about the job's process.</summary>
    public static bool IsUnderWay(this JobState state) => state is JobState.Running or JobState.Canceling or JobState.TimingOut;

    /// <summary>Whether an agent holds the job.</summary>
    public static bool IsWithAgent(this JobState state) => state is JobState.Accepted || state.IsUnderWay();

    /// <summary>Whether the step exists.</summary>
    public static bool CanBecome(this JobState from, JobState to) => (from, to) switch
    {
        (JobState.Scheduled, JobState.Reserved or JobState.Accepted or JobState.Canceled) => true,
        (JobState.Reserved, JobState.Scheduled or JobState.Accepted or JobState.Finished or JobState.Canceled) => true,
        (JobState.Accepted, JobState.Running or JobState.Finished or JobState.Canceled) => true,
        (JobState.Running, JobState.Canceling or JobState.TimingOut or JobState.Finished) => true,
        (JobState.Canceling, JobState.Canceled) => true,
        (JobState.TimingOut, JobState.TimedOut) => true,
        _ => false,
    };
}
