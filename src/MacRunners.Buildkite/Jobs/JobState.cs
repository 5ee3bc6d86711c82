using System.Collections.Frozen;

namespace MacRunners.Buildkite;

/// <summary>
/// State of a job as the service names it. The known states are a closed set; a name that came later is kept as it is, belongs to
/// <see cref="JobStateGroup.Unknown"/> and is none of the things the helpers ask for.
/// </summary>
public readonly record struct JobState
{
    private static readonly FrozenDictionary<string, JobStateGroup> Groups = new Dictionary<string, JobStateGroup>
    {
        ["pending"] = JobStateGroup.NotYetRunnable,
        ["waiting"] = JobStateGroup.NotYetRunnable,
        ["blocked"] = JobStateGroup.NotYetRunnable,
        ["unblocked"] = JobStateGroup.NotYetRunnable,
        ["limiting"] = JobStateGroup.NotYetRunnable,
        ["limited"] = JobStateGroup.NotYetRunnable,
        ["platform_limiting"] = JobStateGroup.NotYetRunnable,
        ["platform_limited"] = JobStateGroup.NotYetRunnable,
        ["scheduled"] = JobStateGroup.Ready,
        ["reserved"] = JobStateGroup.Ready,
        ["assigned"] = JobStateGroup.WithAgent,
        ["accepted"] = JobStateGroup.WithAgent,
        ["running"] = JobStateGroup.WithAgent,
        ["canceling"] = JobStateGroup.WithAgent,
        ["timing_out"] = JobStateGroup.WithAgent,
        ["finished"] = JobStateGroup.Final,
        ["canceled"] = JobStateGroup.Final,
        ["timed_out"] = JobStateGroup.Final,
        ["skipped"] = JobStateGroup.Final,
        ["broken"] = JobStateGroup.Final,
        ["expired"] = JobStateGroup.Final,
        ["waiting_failed"] = JobStateGroup.Final,
        ["blocked_failed"] = JobStateGroup.Final,
        ["unblocked_failed"] = JobStateGroup.Final,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly string? _text;

    /// <summary>Takes the service's name of a state, known or not.</summary>
    /// <param name="text">The name, for instance <c>reserved</c>.</param>
    public JobState(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
    }

    /// <summary>All states this version knows.</summary>
    public static IEnumerable<JobState> Known => Groups.Keys.Select(name => new JobState(name));

    /// <summary>Waits for an agent and is free to be reserved.</summary>
    public static JobState Scheduled => new("scheduled");

    /// <summary>Held by a stack, not yet taken by an agent.</summary>
    public static JobState Reserved => new("reserved");

    /// <summary>An agent has been chosen.</summary>
    public static JobState Assigned => new("assigned");

    /// <summary>An agent has taken it.</summary>
    public static JobState Accepted => new("accepted");

    /// <summary>Runs.</summary>
    public static JobState Running => new("running");

    /// <summary>Someone cancelled it; the agent is being told.</summary>
    public static JobState Canceling => new("canceling");

    /// <summary>Cancelled and over.</summary>
    public static JobState Canceled => new("canceled");

    /// <summary>Over, passed or failed.</summary>
    public static JobState Finished => new("finished");

    /// <summary>The name as the service sent it. It is text of the other side's choosing: escape it where that matters.</summary>
    public string Text => _text ?? "";

    /// <summary>What the state means; <see cref="JobStateGroup.Unknown"/> for a name this version does not know.</summary>
    public JobStateGroup Group => Groups.GetValueOrDefault(Text);

    /// <summary>The state is one this version knows.</summary>
    public bool IsKnown => Groups.ContainsKey(Text);

    /// <summary>No agent has taken it yet: <c>scheduled</c> or <c>reserved</c>.</summary>
    public bool IsReady => Group == JobStateGroup.Ready;

    /// <summary>An agent is in charge, which includes <c>canceling</c> and <c>timing_out</c>.</summary>
    public bool IsWithAgent => Group == JobStateGroup.WithAgent;

    /// <summary>Over for good.</summary>
    public bool IsFinal => Group == JobStateGroup.Final;

    /// <summary>Cancelled, whether or not an agent is still at it: <c>canceling</c> or <c>canceled</c>.</summary>
    public bool IsCancelled => Text is "canceling" or "canceled";

    /// <summary>The service's name of the state.</summary>
    /// <returns><see cref="Text"/>.</returns>
    public override string ToString() => Text;
}
