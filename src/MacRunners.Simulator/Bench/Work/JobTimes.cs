namespace MacRunners.Simulator.Bench.Work;

/// <summary>The times of a job that the daemon ran.</summary>
/// <param name="PhasesMs">The daemon's own report: milliseconds of each phase.</param>
/// <param name="ClosedAt">When the last phase had ended.</param>
/// <param name="ScheduledAt">When it came into the queue.</param>
/// <param name="Agent">When its agent ran.</param>
/// <param name="CommandAt">When its command began; null when the command does not say.</param>
internal sealed record JobTimes(
    IReadOnlyDictionary<string, double> PhasesMs, DateTimeOffset ClosedAt, DateTimeOffset ScheduledAt, AgentSpan Agent, DateTimeOffset? CommandAt)
{
    /// <summary>All phases in their order, as the report names them.</summary>
    public static IReadOnlyList<string> Phases { get; } = ["queueWait", "reserve", "account", "agentStart", "run", .. Teardown];

    private static string[] Teardown => ["kill", "sweep", "delete", "prove"];

    /// <summary>What the daemon itself took: from the request for the reservation to the proof, without the agent's run.</summary>
    public double OverheadMs => Sum(Phases.Skip(1)) - Agent.Milliseconds;

    /// <summary>From the agent's end, as the daemon saw it, to the free slot.</summary>
    public double TeardownMs => Sum(Teardown);

    /// <summary>From the account to the agent's first instruction: token, helper, change of user.</summary>
    public double LaunchMs => (Agent.Began - ClosedAt).TotalMilliseconds + Sum(Phases.SkipWhile(phase => phase != "agentStart"));

    /// <summary>From the agent's last instruction to the beginning of its teardown.</summary>
    public double LeavingMs => (ClosedAt - Agent.Ended).TotalMilliseconds - TeardownMs;

    /// <summary>Milliseconds of a phase; 0 when the job had none.</summary>
    public double Ms(string phase) => PhasesMs.GetValueOrDefault(phase);

    private double Sum(IEnumerable<string> phases) => phases.Sum(Ms);
}
