namespace MacRunners.Simulator.State;

/// <summary>A job as asked for on the control surface.</summary>
internal sealed record JobSpec
{
    /// <summary>What the agent runs.</summary>
    public required string Command { get; init; }

    /// <summary>Queue key; null means the rule <c>queue=…</c>, and without one the default queue.</summary>
    public string? Queue { get; init; }

    /// <summary>The pipeline's environment. Values are passed on as they are, however hostile.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>Repository to check out; null means the demo repository of this server.</summary>
    public string? Repo { get; init; }

    /// <summary>Rules <c>key=value</c> an agent has to satisfy.</summary>
    public IReadOnlyList<string> AgentQueryRules { get; init; } = [];

    /// <summary>Larger runs first.</summary>
    public int Priority { get; init; }

    /// <summary>Longest run in seconds, counted from the start; null means no limit.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Id to use instead of a new one. It need not be a UUID: clients must cope with what a service could send.</summary>
    public string? Id { get; init; }

    /// <summary>Build the job belongs to; null makes a new one.</summary>
    public string? BuildId { get; init; }

    /// <summary>Key of the step; null as in most pipelines.</summary>
    public string? StepKey { get; init; }
}
