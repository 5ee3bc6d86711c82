using System.Text.RegularExpressions;

namespace MacRunners.Hosting.Configuration;

/// <summary>Flags and variables of the agent that are the daemon's to set, or would let secrets or foreign code in.</summary>
internal static partial class ReservedNames
{
    private static readonly HashSet<string> Flags = new(StringComparer.Ordinal)
    {
        "token", "acquire-job", "config", "endpoint", "name", "tags", "queue", "build-path", "hooks-path", "plugins-path",
        "sockets-path", "shell", "cancel-grace-period", "signal-grace-period-seconds", "cancel-signal-timeout",
        "cancel-cleanup-timeout", "log-format", "debug-http", "kubernetes-exec", "spawn", "spawn-per-cpu",
        "spawn-with-priority", "priority", "disconnect-after-job", "disconnect-after-idle-timeout",
        "disconnect-after-uptime", "reflect-exit-status", "ping-mode",
    };

    private static readonly HashSet<string> Variables = new(StringComparer.Ordinal)
    {
        "HOME", "USER", "LOGNAME", "TMPDIR",
        "BUILDKITE_AGENT_TOKEN", "BUILDKITE_AGENT_ACCESS_TOKEN", "BUILDKITE_AGENT_ACQUIRE_JOB", "BUILDKITE_AGENT_CONFIG",
        "BUILDKITE_AGENT_ENDPOINT", "BUILDKITE_AGENT_NAME", "BUILDKITE_AGENT_TAGS", "BUILDKITE_AGENT_QUEUE",
        "BUILDKITE_AGENT_DEBUG_HTTP", "BUILDKITE_AGENT_SPAWN", "BUILDKITE_BUILD_PATH", "BUILDKITE_HOOKS_PATH",
        "BUILDKITE_PLUGINS_PATH", "BUILDKITE_SOCKETS_PATH", "BUILDKITE_SHELL", "BUILDKITE_CANCEL_GRACE_PERIOD",
        "BUILDKITE_SIGNAL_GRACE_PERIOD_SECONDS", "BUILDKITE_LOG_FORMAT", "BUILDKITE_KUBERNETES_EXEC",
    };

    /// <summary>Whether the agent's flag (<c>--name</c>, <c>-name</c> or <c>--name=value</c>) may not be configured.</summary>
    public static bool IsReservedFlag(string flag) => flag.StartsWith('-') && Flags.Contains(FlagName(flag).TrimStart('-'));

    /// <summary>The flag without its value.</summary>
    public static string FlagName(string flag) => flag.Split('=', 2)[0];

    /// <summary>Whether the variable may not be configured: set by the daemon, or read by the dynamic linker.</summary>
    public static bool IsReservedVariable(string name) =>
        Variables.Contains(name)
        || name.StartsWith("LD_", StringComparison.Ordinal)
        || name.StartsWith("DYLD_", StringComparison.Ordinal)
        || name.StartsWith(ConfigurationSources.Prefix, StringComparison.Ordinal);

    /// <summary>Whether shells accept the name.</summary>
    public static bool IsVariableName(string name) => VariableName().IsMatch(name);

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex VariableName();
}
