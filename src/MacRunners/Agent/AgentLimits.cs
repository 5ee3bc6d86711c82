using MacRunners.Buildkite;
using MacRunners.Settings;

namespace MacRunners.Agent;

/// <summary>
/// Decides, without doing anything, what the time that has passed, its silence, and the job's state at Buildkite mean for a running
/// agent. Escalation: the agent is first asked to cancel (SIGQUIT), and killed when it has not left in time.
/// </summary>
internal sealed class AgentLimits(JobsOptions jobs)
{
    // The first looks come quickly, since most agents acquire within a second.
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(250);

    // A killed process can take its time to go while the kernel works for it; until then the signal is repeated.
    private static readonly TimeSpan KillAgain = TimeSpan.FromSeconds(1);

    private TimeSpan _look = FirstLook;
    private TimeSpan? _killAt;
    private bool _isKnownToWait;

    /// <summary>Goes on where an earlier run of the daemon was.</summary>
    /// <param name="jobs">The limits.</param>
    /// <param name="hasAcquired">As <see cref="HasAcquired"/>.</param>
    /// <param name="cause">As <see cref="Cause"/>.</param>
    /// <param name="endingSince">When the agent was made to end, counted from its start.</param>
    public AgentLimits(JobsOptions jobs, bool hasAcquired, AgentEndCause? cause, TimeSpan endingSince)
        : this(jobs)
    {
        HasAcquired = hasAcquired;
        Cause = cause;
        if (cause is not null)
        {
            // Asked or killed, nobody knows whether it came that far: it gets what it had left.
            _killAt = endingSince + jobs.CancelGrace + jobs.UploadGrace;
        }
    }

    /// <summary>Whether the agent was seen to have the job.</summary>
    public bool HasAcquired { get; private set; }

    /// <summary>Why the agent was made to end; null while it may go on.</summary>
    public AgentEndCause? Cause { get; private set; }

    /// <summary>What to do now.</summary>
    /// <param name="elapsed">Since the agent's start.</param>
    /// <param name="silence">Since the agent's last output.</param>
    /// <param name="state">The job's state; null when it could not be learned.</param>
    /// <param name="mustStop">Whether the daemon cannot wait for the job any longer.</param>
    public AgentAction Decide(TimeSpan elapsed, TimeSpan silence, JobState? state, bool mustStop)
    {
        if (_killAt is { } deadline && elapsed >= deadline)
        {
            Cause ??= AgentEndCause.DidNotLeave;
            return Kill(elapsed);
        }

        HasAcquired |= state is { IsWithAgent: true };
        _isKnownToWait = state is { IsReady: true } || (_isKnownToWait && state is null);
        if (Cause is null)
        {
            if (mustStop)
            {
                return End(AgentEndCause.Stopped, elapsed);
            }

            if (elapsed >= jobs.Timeout)
            {
                return End(AgentEndCause.TimedOut, elapsed);
            }

            if (HasAcquired && IsLimited(silence))
            {
                return End(AgentEndCause.NoOutput, elapsed);
            }

            // Only when Buildkite says so: a state that cannot be learned, or is new there, may well be that of a running job.
            if (!HasAcquired && state is { IsReady: true } && elapsed >= jobs.StartDeadline)
            {
                Cause = AgentEndCause.NeverAcquired;
                return Kill(elapsed);
            }
        }

        if (state is { IsFinal: true })
        {
            _killAt ??= elapsed + jobs.UploadGrace;
        }
        else if (state is { Text: "canceling" or "timing_out" })
        {
            _killAt ??= elapsed + jobs.CancelGrace + jobs.UploadGrace;
        }

        return AgentAction.None;
    }

    /// <summary>How long nothing need be looked at, unless the agent ends.</summary>
    /// <param name="elapsed">As in <see cref="Decide"/>.</param>
    /// <param name="silence">As in <see cref="Decide"/>.</param>
    public TimeSpan NextLook(TimeSpan elapsed, TimeSpan silence)
    {
        var next = _look;
        _look = _look * 2 < jobs.StateCheckInterval ? _look * 2 : jobs.StateCheckInterval;
        TimeSpan?[] limits =
        [
            _killAt,
            Cause is null ? jobs.Timeout : null,
            // Once it has passed while the state cannot be learned, it is no reason to look without a pause.
            Cause is null && _isKnownToWait && elapsed < jobs.StartDeadline ? jobs.StartDeadline : null,
            Cause is null && HasAcquired && jobs.NoOutputTimeout > TimeSpan.Zero ? elapsed + jobs.NoOutputTimeout - silence : null,
        ];
        foreach (var limit in limits)
        {
            if (limit is { } at && at - elapsed < next)
            {
                next = at > elapsed ? at - elapsed : TimeSpan.Zero;
            }
        }

        return next;
    }

    private bool IsLimited(TimeSpan silence) => jobs.NoOutputTimeout > TimeSpan.Zero && silence >= jobs.NoOutputTimeout;

    private AgentAction End(AgentEndCause cause, TimeSpan elapsed)
    {
        Cause = cause;
        if (!HasAcquired && _isKnownToWait)
        {
            // While it tries to acquire, an agent does not listen.
            return Kill(elapsed);
        }

        _killAt = elapsed + jobs.CancelGrace + jobs.UploadGrace;
        return AgentAction.Cancel;
    }

    private AgentAction Kill(TimeSpan elapsed)
    {
        _killAt = elapsed + KillAgain;
        return AgentAction.Kill;
    }
}

/// <summary>What <see cref="AgentLimits"/> wants done.</summary>
internal enum AgentAction
{
    /// <summary>Go on.</summary>
    None,

    /// <summary>Ask the agent to cancel its job.</summary>
    Cancel,

    /// <summary>Kill the agent.</summary>
    Kill,
}

/// <summary>Why an agent was made to end.</summary>
internal enum AgentEndCause
{
    /// <summary>It had not acquired the job within the start deadline.</summary>
    NeverAcquired,

    /// <summary>The job exceeded its limit.</summary>
    TimedOut,

    /// <summary>The job said nothing for too long.</summary>
    NoOutput,

    /// <summary>The daemon had to stop.</summary>
    Stopped,

    /// <summary>Nobody knows: it ended while the daemon was not running.</summary>
    Interrupted,

    /// <summary>The job was over or cancelled, but the agent did not leave.</summary>
    DidNotLeave,
}
