namespace MacRunners.Simulator.State;

/// <summary>The states of a job this simulator knows; names on the wire come from <see cref="JobStates"/>.</summary>
internal enum JobState
{
    Scheduled,
    Reserved,
    Accepted,
    Running,
    Canceling,
    TimingOut,
    Finished,
    Canceled,
    TimedOut,
}
