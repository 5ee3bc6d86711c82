using MacRunners.Simulator.Messages;

namespace MacRunners.Simulator.State;

/// <summary>
/// One job. Its state changes only through <see cref="Move"/>, which knows no steps but the legal ones and writes the event list.
/// Not thread-safe: <see cref="Cluster"/> holds its lock around every use.
/// </summary>
internal sealed class Job
{
    /// <summary>Exit status of a job that never got an agent, or lost it.</summary>
    public const int NoExitStatus = -1;

    private readonly List<JobEventView> _events = [];

    public Job(string id, long sequence, JobSpec spec, string queueKey, string repo, Build build, long logMaxBytes, DateTimeOffset at)
    {
        Id = id;
        Sequence = sequence;
        Spec = spec;
        QueueKey = queueKey;
        Repo = repo;
        Build = build;
        ScheduledAt = at;
        Log = new JobLog(logMaxBytes);
        Note(JobEvents.Scheduled, at);
    }

    public string Id { get; }

    /// <summary>Orders jobs scheduled in the same instant.</summary>
    public long Sequence { get; }

    public JobSpec Spec { get; }

    public string QueueKey { get; }

    public string Repo { get; }

    public Build Build { get; }

    public DateTimeOffset ScheduledAt { get; }

    public string StepId { get; } = Guid.NewGuid().ToString();

    public JobLog Log { get; }

    public JobState State { get; private set; } = JobState.Scheduled;

    /// <summary>Set exactly while the job is reserved.</summary>
    public Reservation? Reservation { get; private set; }

    public RegisteredAgent? Agent { get; private set; }

    public string? Token { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public int? ExitStatus { get; private set; }

    public string? Signal { get; private set; }

    public string? SignalReason { get; private set; }

    public string? FinishDetail { get; private set; }

    public int ChunksFailedCount { get; private set; }

    public int NotificationCount { get; private set; }

    public IReadOnlyList<JobEventView> Events => _events;

    /// <summary>When the time limit strikes; null unless the job runs and has one.</summary>
    public DateTimeOffset? TimesOutAt => State == JobState.Running && Spec.TimeoutSeconds is { } limit ? StartedAt + TimeSpan.FromSeconds(limit) : null;

    /// <summary>Holds the job for a stack, or prolongs what it holds already; false when it cannot be had.</summary>
    public bool TryReserve(Reservation reservation, DateTimeOffset at)
    {
        if (State == JobState.Reserved && Reservation!.StackKey == reservation.StackKey)
        {
            Reservation = reservation;
            Note(JobEvents.ReservationExtended, at);
            return true;
        }

        if (State != JobState.Scheduled)
        {
            return false;
        }

        Move(JobState.Reserved, at, JobEvents.Reserved, $"by stack {reservation.StackKey}");
        Reservation = reservation;
        return true;
    }

    /// <summary>Back to the queue, at the time the reservation ended.</summary>
    public void ExpireReservation()
    {
        var (stack, until) = (Reservation!.StackKey, Reservation.Until);
        Move(JobState.Scheduled, until, JobEvents.ReservedExpired, $"of stack {stack}");
    }

    /// <summary>Gives the job to an agent; whether it may have it was checked before.</summary>
    public void Acquire(RegisteredAgent agent, string token, DateTimeOffset at)
    {
        Move(JobState.Accepted, at, JobEvents.Acquired, $"by agent {agent.Name}");
        Agent = agent;
        Token = token;
        agent.Job = this;
    }

    public void Start(DateTimeOffset at)
    {
        Move(JobState.Running, at, JobEvents.Started);
        StartedAt = at;
    }

    /// <summary>Asks a running job to end; ends at once what has not started.</summary>
    public void Cancel(DateTimeOffset at)
    {
        switch (State)
        {
            case JobState.Canceling or JobState.TimingOut:
                return;
            case JobState.Running:
                Move(JobState.Canceling, at, JobEvents.Canceling);
                return;
            default:
                Move(JobState.Canceled, at, JobEvents.Canceled);
                return;
        }
    }

    /// <summary>Begins to end a job whose time is up.</summary>
    public void TimeOut(DateTimeOffset at) => Move(JobState.TimingOut, at, JobEvents.TimingOut, $"after {Spec.TimeoutSeconds} s");

    /// <summary>The agent's own report that the job has ended.</summary>
    public void FinishByAgent(int exitStatus, string? signal, string? signalReason, int chunksFailedCount, DateTimeOffset at)
    {
        if (!State.IsUnderWay())
        {
            throw Illegal(JobState.Finished);
        }

        End(at);
        ExitStatus = exitStatus;
        Signal = signal;
        SignalReason = signalReason;
        ChunksFailedCount = chunksFailedCount;
    }

    /// <summary>The stack's report that the job cannot or need not get an agent.</summary>
    public void FinishByStack(int exitStatus, string detail, DateTimeOffset at)
    {
        if (State != JobState.Reserved)
        {
            throw Illegal(JobState.Finished);
        }

        Note(exitStatus == 0 ? JobEvents.StackFinished : JobEvents.StackErrored, at, detail);
        Move(JobState.Finished, at, JobEvents.Finished);
        ExitStatus = exitStatus;
        FinishDetail = detail;
        SignalReason = exitStatus == 0 ? null : "stack_error";
    }

    /// <summary>Ends the job because its agent is gone.</summary>
    public void LoseAgent(string eventName, DateTimeOffset at)
    {
        Note(eventName, at);
        End(at);
        ExitStatus = NoExitStatus;
    }

    /// <summary>A remark of the stack on the build page.</summary>
    public void Notify(string detail, DateTimeOffset at)
    {
        NotificationCount++;
        Note(JobEvents.StackNotification, at, detail);
    }

    private void End(DateTimeOffset at)
    {
        var (state, name) = State switch
        {
            JobState.Canceling => (JobState.Canceled, JobEvents.Canceled),
            JobState.TimingOut => (JobState.TimedOut, JobEvents.TimedOut),
            _ => (JobState.Finished, JobEvents.Finished),
        };
        Move(state, at, name);
    }

    private void Move(JobState to, DateTimeOffset at, string eventName, string? detail = null)
    {
        if (!State.CanBecome(to))
        {
            throw Illegal(to);
        }

        State = to;
        Reservation = null;
        if (to.IsFinal())
        {
            EndedAt = at;
        }

        Note(eventName, at, detail);
    }

    private void Note(string name, DateTimeOffset at, string? detail = null) => _events.Add(new JobEventView(name, at, detail));

    private RefusedException Illegal(JobState to) =>
        RefusedException.Invalid($"Job is {State.Name()} and cannot become {to.Name()}");
}
