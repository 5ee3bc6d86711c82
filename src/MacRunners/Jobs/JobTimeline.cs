using MacRunners.Health;
using MacRunners.Telemetry;

namespace MacRunners.Jobs;

/// <summary>How long each phase of one job takes. One phase begins where the one before ends. Read by other threads at any time.</summary>
internal sealed class JobTimeline
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Guid _job;
    private readonly DateTimeOffset _reservedAt;
    private readonly List<PhaseDuration> _ended = [];
    private JobPhase _phase;
    private DateTimeOffset _phaseSince;
    private long _phaseStarted;
    private long _seenSince;

    /// <summary>Begins with the phase that follows the reservation.</summary>
    public JobTimeline(Guid job, TimeProvider time)
    {
        _job = job;
        _time = time;
        _reservedAt = time.GetUtcNow();
        _phase = JobPhase.Account;
        _phaseSince = _reservedAt;
        _seenSince = _phaseStarted = time.GetTimestamp();
    }

    /// <summary>Goes on with the phase of a job whose agent lives; what came before an earlier run of the daemon has measured.</summary>
    public JobTimeline(JobLife life, TimeProvider time)
    {
        var agent = life.Agent ?? throw new ArgumentException($"The agent of job {life.Job} does not live", nameof(life));
        _job = life.Job;
        _time = time;
        _reservedAt = life.ReservedAt ?? time.GetUtcNow();
        (_phase, _phaseStarted) = (JobPhase.AgentStart, agent.StartedAt);
        if (agent.AcquiredAt is { } acquiredAt)
        {
            _ended.Add(new PhaseDuration(JobPhase.AgentStart, time.GetElapsedTime(agent.StartedAt, acquiredAt)));
            (_phase, _phaseStarted) = (JobPhase.Run, acquiredAt);
        }

        _phaseSince = time.GetUtcNow() - time.GetElapsedTime(_phaseStarted);
        _seenSince = time.GetTimestamp();
    }

    /// <summary>For the status page.</summary>
    public RunningJob View
    {
        get
        {
            lock (_gate)
            {
                return new RunningJob(_job, _phase, _phaseSince, _reservedAt);
            }
        }
    }

    /// <summary>The present phase and how long it lasts.</summary>
    public (JobPhase Phase, TimeSpan Lasts) Present
    {
        get
        {
            lock (_gate)
            {
                return (_phase, _time.GetElapsedTime(_phaseStarted));
            }
        }
    }

    /// <summary>The present phase and for how long this run of the daemon sees it: what an earlier run saw of it does not count.</summary>
    public (JobPhase Phase, TimeSpan Lasts) Seen
    {
        get
        {
            lock (_gate)
            {
                return (_phase, _time.GetElapsedTime(_seenSince));
            }
        }
    }

    /// <summary>Notes a phase that was measured elsewhere.</summary>
    public void Took(JobPhase phase, TimeSpan duration)
    {
        lock (_gate)
        {
            _ended.Add(new PhaseDuration(phase, duration));
        }
    }

    /// <summary>The present phase ends, another begins.</summary>
    public void Begin(JobPhase phase)
    {
        lock (_gate)
        {
            EndPhase();
            _phase = phase;
            _phaseSince = _time.GetUtcNow();
            _seenSince = _phaseStarted = _time.GetTimestamp();
        }
    }

    /// <summary>The last phase ends.</summary>
    /// <returns>All phases in order.</returns>
    public IReadOnlyList<PhaseDuration> End()
    {
        lock (_gate)
        {
            EndPhase();
            return [.. _ended.OrderBy(phase => phase.Phase)];
        }
    }

    private void EndPhase() => _ended.Add(new PhaseDuration(_phase, _time.GetElapsedTime(_phaseStarted)));
}
