using MacRunners.Simulator.Agent.Flags;

namespace MacRunners.Simulator.Agent.JobCommands;

/// <summary>Flags of the commands a job calls.</summary>
internal static class JobFlags
{
    public static IReadOnlyList<FlagDefinition> Global { get; } =
    [
        new("no-color", FlagKind.Switch, ["BUILDKITE_AGENT_NO_COLOR"]), new("debug", FlagKind.Switch, ["BUILDKITE_AGENT_DEBUG"]),
        new("log-level", FlagKind.Text, ["BUILDKITE_AGENT_LOG_LEVEL"], "notice"),
        new("experiment", FlagKind.List, ["BUILDKITE_AGENT_EXPERIMENT"]), new("profile", FlagKind.Text, ["BUILDKITE_AGENT_PROFILE"]),
        new("format", FlagKind.Text, ["BUILDKITE_AGENT_ENV_DUMP_FORMAT"], "json"),
    ];

    public static IReadOnlyList<FlagDefinition> Api { get; } =
    [
        .. Global,
        new("job", FlagKind.Text, ["BUILDKITE_JOB_ID"]), new("default", FlagKind.Text, []),
        new("agent-access-token", FlagKind.Text, ["BUILDKITE_AGENT_ACCESS_TOKEN"]),
        new("endpoint", FlagKind.Text, ["BUILDKITE_AGENT_ENDPOINT"], StartFlags.DefaultEndpoint),
        new("no-http2", FlagKind.Switch, ["BUILDKITE_NO_HTTP2"]), new("debug-http", FlagKind.Switch, ["BUILDKITE_AGENT_DEBUG_HTTP"]),
    ];
}
