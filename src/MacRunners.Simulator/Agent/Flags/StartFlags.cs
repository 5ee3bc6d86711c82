using static MacRunners.Simulator.Agent.Flags.FlagKind;

namespace MacRunners.Simulator.Agent.Flags;

/// <summary>The flags of <c>buildkite-agent start</c> 3.87.0, with their variables and defaults.</summary>
internal static class StartFlags
{
    public const string DefaultShell = "/bin/bash -e -c";
    public const string DefaultEndpoint = "https://agent.buildkite.com/v3";
    public const string DefaultRedactedVars = "*_PASSWORD,*_SECRET,*_TOKEN,*_PRIVATE_KEY,*_ACCESS_KEY,*_SECRET_KEY,*_CONNECTION_STRING";

    public static IReadOnlyList<FlagDefinition> All { get; } =
    [
        Agent("config", Text), Agent("name", Text), Agent("priority", Text), Agent("acquire-job", Text),
        Agent("disconnect-after-job", Switch), Agent("disconnect-after-idle-timeout", Number, "0"),
        Plain("cancel-grace-period", Number, "10"), Plain("enable-job-log-tmpfile", Switch), Plain("job-log-path", Text),
        Plain("write-job-logs-to-stdout", Switch), Plain("shell", Text, DefaultShell), Agent("queue", Text), Agent("tags", List),
        Agent("tags-from-host", Switch), Agent("tags-from-ec2-meta-data", List), Agent("tags-from-ec2-meta-data-paths", List),
        Agent("tags-from-ec2-tags", Switch), Agent("tags-from-ecs-meta-data", Switch), Agent("tags-from-gcp-meta-data", List),
        Agent("tags-from-gcp-meta-data-paths", List), Agent("tags-from-gcp-labels", Switch),
        Agent("wait-for-ec2-tags-timeout", Duration, "10s"), Agent("wait-for-ec2-meta-data-timeout", Duration, "10s"),
        Agent("wait-for-ecs-meta-data-timeout", Duration, "10s"), Agent("wait-for-gcp-labels-timeout", Duration, "10s"),
        Plain("git-checkout-flags", Text, "-f"), Plain("git-clone-flags", Text, "-v"), Plain("git-clean-flags", Text, "-ffxdq"),
        Plain("git-fetch-flags", Text, "-v --prune"), Plain("git-clone-mirror-flags", Text, "-v"), Plain("git-mirrors-path", Text),
        Plain("git-mirrors-lock-timeout", Number, "300"), Plain("git-mirrors-skip-update", Switch),
        new("bootstrap-script", Text, ["BUILDKITE_BOOTSTRAP_SCRIPT_PATH"]), Plain("build-path", Text), Plain("hooks-path", Text),
        Plain("sockets-path", Text, SocketsPath.Default()), Plain("plugins-path", Text), Plain("no-ansi-timestamps", Switch),
        Plain("timestamp-lines", Switch), Agent("health-check-addr", Text), Plain("no-pty", Switch), Plain("no-ssh-keyscan", Switch),
        Plain("no-command-eval", Switch), Plain("no-plugins", Switch), Plain("no-plugin-validation", Switch, "true"),
        Plain("no-local-hooks", Switch),
        new("no-git-submodules", Switch, ["BUILDKITE_NO_GIT_SUBMODULES", "BUILDKITE_DISABLE_GIT_SUBMODULES"]),
        Agent("no-feature-reporting", Switch), Plain("allowed-repositories", List), Plain("enable-environment-variable-allowlist", Switch),
        Plain("allowed-environment-variables", List), Plain("allowed-plugins", List), Plain("metrics-datadog", Switch),
        Plain("metrics-datadog-host", Text, "127.0.0.1:8125"), Plain("metrics-datadog-distributions", Switch),
        Plain("log-format", Text, "text"), Agent("spawn", Number, "1"), Agent("spawn-per-cpu", Number, "0"),
        Agent("spawn-with-priority", Switch), Plain("cancel-signal", Text, "SIGTERM"), Plain("signal-grace-period-seconds", Number, "-1"),
        Plain("tracing-backend", Text), Plain("tracing-service-name", Text, AgentSelf.Name), Agent("verification-jwks-file", Text),
        Agent("signing-jwks-file", Text), Agent("signing-jwks-key-id", Text), Agent("signing-aws-kms-key", Text),
        Agent("debug-signing", Switch),
        new("verification-failure-behavior", Text, ["BUILDKITE_AGENT_JOB_VERIFICATION_NO_SIGNATURE_BEHAVIOR"], "block"),
        Agent("disable-warnings-for", List), Agent("token", Text), Agent("endpoint", Text, DefaultEndpoint), Plain("no-http2", Switch),
        Agent("debug-http", Switch), Agent("trace-http", Switch), Agent("no-color", Switch), Agent("debug", Switch),
        Agent("log-level", Text, "notice"), Agent("experiment", List), Agent("profile", Text),
        Plain("redacted-vars", List, DefaultRedactedVars), Plain("strict-single-hooks", Switch), Plain("kubernetes-exec", Switch),
        Plain("trace-context-encoding", Text, "gob"), Plain("no-multipart-artifact-upload", Switch),

        // Deprecated, still taken.
        Agent("meta-data", List), Agent("meta-data-ec2", Switch), new("meta-data-ec2-tags", Switch, ["BUILDKITE_AGENT_TAGS_FROM_EC2_TAGS"]),
        Agent("meta-data-gcp", Switch), Plain("no-automatic-ssh-fingerprint-verification", Switch), Agent("tags-from-ec2", Switch),
        Agent("tags-from-gcp", Switch), Agent("disconnect-after-job-timeout", Number, "0"),
    ];

    private static FlagDefinition Agent(string name, FlagKind kind, string fallback = "") =>
        new(name, kind, [$"BUILDKITE_AGENT_{Upper(name)}"], fallback);

    private static FlagDefinition Plain(string name, FlagKind kind, string fallback = "") =>
        new(name, kind, [$"BUILDKITE_{Upper(name)}"], fallback);

    private static string Upper(string name) => name.ToUpperInvariant().Replace('-', '_');
}
