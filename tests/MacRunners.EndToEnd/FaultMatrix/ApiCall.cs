namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>A call that the daemon makes, or several of them.</summary>
/// <param name="Name">For people.</param>
/// <param name="Route">Path pattern of the simulator's faults.</param>
internal sealed record ApiCall(string Name, string Route)
{
    public static ApiCall Register { get; } = new("register", "/v3/stacks/register");

    public static ApiCall Deregister { get; } = new("deregister", "/v3/stacks/*/deregister");

    public static ApiCall List { get; } = new("list", "/v3/stacks/*/scheduled-jobs");

    public static ApiCall Reserve { get; } = new("reserve", "/v3/stacks/*/scheduled-jobs/batch-reserve");

    public static ApiCall Token { get; } = new("token", "/v3/stacks/*/job-acquisition-tokens");

    public static ApiCall States { get; } = new("get-states", "/v3/stacks/*/jobs/get-states");

    public static ApiCall Finish { get; } = new("finish", "/v3/stacks/*/jobs/*/finish");

    public static ApiCall Notify { get; } = new("notify", "/v3/stacks/*/notifications");

    /// <summary>All calls of the daemon at once: its Buildkite is away.</summary>
    public static ApiCall Every { get; } = new("every call", "/v3/stacks/**");

    /// <summary>Those of the agents too.</summary>
    public static ApiCall EveryAndTheAgents { get; } = new("every call and the agent's", "/v3/**");
}
