using MacRunners.Simulator.Agent.Flags;
using static MacRunners.Simulator.Agent.Flags.FlagKind;

namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>The flags of <c>buildkite-agent bootstrap</c> 3.87.0. The agent passes them as variables.</summary>
internal static class BootstrapFlags
{
    /// <summary>Without these a job is no job, in the order the agent misses them.</summary>
    public static IReadOnlyList<string> Required { get; } =
        ["job", "repository", "commit", "branch", "agent", "organization", "pipeline", "pipeline-provider"];

    public static IReadOnlyList<FlagDefinition> All { get; } =
    [
        Of("command", Text, "COMMAND"), Of("job", Text, "JOB_ID"), Of("repository", Text, "REPO"), Of("commit", Text, "COMMIT"),
        Of("branch", Text, "BRANCH"), Of("tag", Text, "TAG"), Of("refspec", Text, "REFSPEC"), Of("plugins", Text, "PLUGINS"),
        Of("pullrequest", Text, "PULL_REQUEST"), Of("agent", Text, "AGENT_NAME"), Of("queue", Text, "AGENT_META_DATA_QUEUE"),
        Of("organization", Text, "ORGANIZATION_SLUG"), Of("pipeline", Text, "PIPELINE_SLUG"),
        Of("pipeline-provider", Text, "PIPELINE_PROVIDER"), Of("artifact-upload-paths", Text, "ARTIFACT_PATHS"),
        Of("artifact-upload-destination", Text, "ARTIFACT_UPLOAD_DESTINATION"), Of("clean-checkout", Switch, "CLEAN_CHECKOUT"),
        Of("git-checkout-flags", Text, "GIT_CHECKOUT_FLAGS", "-f"), Of("git-clone-flags", Text, "GIT_CLONE_FLAGS", "-v"),
        Of("git-clone-mirror-flags", Text, "GIT_CLONE_MIRROR_FLAGS", "-v"), Of("git-clean-flags", Text, "GIT_CLEAN_FLAGS", "-ffxdq"),
        Of("git-fetch-flags", Text, "GIT_FETCH_FLAGS"), Of("git-submodule-clone-config", List, "GIT_SUBMODULE_CLONE_CONFIG"),
        Of("git-mirrors-path", Text, "GIT_MIRRORS_PATH"), Of("git-mirrors-lock-timeout", Number, "GIT_MIRRORS_LOCK_TIMEOUT", "300"),
        Of("git-mirrors-skip-update", Switch, "GIT_MIRRORS_SKIP_UPDATE"), Of("bin-path", Text, "BIN_PATH"),
        Of("build-path", Text, "BUILD_PATH"), Of("hooks-path", Text, "HOOKS_PATH"),
        Of("sockets-path", Text, "SOCKETS_PATH", SocketsPath.Default()), Of("plugins-path", Text, "PLUGINS_PATH"),
        Of("command-eval", Switch, "COMMAND_EVAL", "true"), Of("plugins-enabled", Switch, "PLUGINS_ENABLED", "true"),
        Of("plugin-validation", Switch, "PLUGIN_VALIDATION"), Of("plugins-always-clone-fresh", Switch, "PLUGINS_ALWAYS_CLONE_FRESH"),
        Of("local-hooks-enabled", Switch, "LOCAL_HOOKS_ENABLED", "true"), Of("ssh-keyscan", Switch, "SSH_KEYSCAN", "true"),
        Of("git-submodules", Switch, "GIT_SUBMODULES", "true"), Of("pty", Switch, "PTY", "true"),
        Of("shell", Text, "SHELL", StartFlags.DefaultShell), Of("phases", List, "BOOTSTRAP_PHASES"),
        Of("tracing-backend", Text, "TRACING_BACKEND"), Of("tracing-service-name", Text, "TRACING_SERVICE_NAME", AgentSelf.Name),
        Of("no-job-api", Switch, "AGENT_NO_JOB_API"), Of("disable-warnings-for", List, "AGENT_DISABLE_WARNINGS_FOR"),
        Of("cancel-signal", Text, "CANCEL_SIGNAL", "SIGTERM"), Of("cancel-grace-period", Number, "CANCEL_GRACE_PERIOD", "10"),
        Of("signal-grace-period-seconds", Number, "SIGNAL_GRACE_PERIOD_SECONDS", "-1"), Of("debug", Switch, "AGENT_DEBUG"),
        Of("log-level", Text, "AGENT_LOG_LEVEL", "notice"), Of("experiment", List, "AGENT_EXPERIMENT"), Of("profile", Text, "AGENT_PROFILE"),
        Of("redacted-vars", List, "REDACTED_VARS", StartFlags.DefaultRedactedVars), Of("strict-single-hooks", Switch, "STRICT_SINGLE_HOOKS"),
        Of("kubernetes-exec", Switch, "KUBERNETES_EXEC"), Of("kubernetes-container-id", Number, "CONTAINER_ID", "0"),
        Of("trace-context-encoding", Text, "TRACE_CONTEXT_ENCODING", "gob"),
    ];

    private static FlagDefinition Of(string name, FlagKind kind, string variable, string fallback = "") =>
        new(name, kind, [$"BUILDKITE_{variable}"], fallback);
}
