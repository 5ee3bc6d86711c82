namespace MacRunners.Simulator.State;

/// <summary>Names of what can happen to a job, as the service's job event list spells them where it has the word.</summary>
internal static class JobEvents
{
    public const string Scheduled = "SCHEDULED";
    public const string Reserved = "RESERVED";
    public const string ReservationExtended = "RESERVATION_EXTENDED";
    public const string ReservedExpired = "RESERVED_EXPIRED";
    public const string Acquired = "ACQUIRED";
    public const string Started = "STARTED";
    public const string Canceling = "CANCELING";
    public const string Canceled = "CANCELED";
    public const string TimingOut = "TIMING_OUT";
    public const string TimedOut = "TIMED_OUT";
    public const string Finished = "FINISHED";
    public const string AgentLost = "AGENT_LOST";
    public const string AgentDisconnected = "AGENT_DISCONNECTED";
    public const string StackErrored = "STACK_ERRORED";
    public const string StackFinished = "STACK_FINISHED";
    public const string StackNotification = "STACK_NOTIFICATION";
}
