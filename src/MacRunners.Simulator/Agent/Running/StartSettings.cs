using System.Text.RegularExpressions;
using MacRunners.Simulator.Agent.Flags;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>What <c>start</c> was told, checked.</summary>
internal sealed record StartSettings
{
    public required FlagSet Flags { get; init; }

    public required string ConfigPath { get; init; }

    public required string Token { get; init; }

    public required string Endpoint { get; init; }

    public required string AcquireJob { get; init; }

    public required string BuildPath { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required TimeSpan CancelGrace { get; init; }

    public required TimeSpan SignalGrace { get; init; }

    public required int CancelSignal { get; init; }

    public required bool PluginsEnabled { get; init; }

    public required IReadOnlyList<Regex> AllowedRepositories { get; init; }

    /// <summary>Null: no allow-list.</summary>
    public required IReadOnlyList<Regex>? AllowedVariables { get; init; }

    public bool Terminal => !Flags.On("no-pty");

    public string HooksPath => Flags.PathOf("hooks-path");

    public string Shell => Flags.Text("shell") is { Length: > 0 } shell ? shell : StartFlags.DefaultShell;

    /// <summary>Checks in the agent's order and stops at the first fault, as the agent does.</summary>
    public static StartSettings From(FlagSet flags, ConfigFile? file)
    {
        foreach (var required in new[] { "build-path", "token", "endpoint" })
        {
            if (flags.Text(required).Length == 0)
            {
                throw new MissingSettingException(required, "start");
            }
        }

        var cancelGrace = flags.Number("cancel-grace-period");
        var signalGrace = GracePeriods.SignalGrace(cancelGrace, flags.Number("signal-grace-period-seconds"));
        if (flags.Text("trace-context-encoding") is not ("gob" or "json" or ""))
        {
            throw new AgentFailureException("while parsing trace context encoding: invalid encoding, must be gob or json");
        }

        if (flags.Text("tracing-backend") is not ("" or "datadog" or "opentelemetry"))
        {
            throw new AgentFailureException($"the given tracing backend \"{flags.Text("tracing-backend")}\" is not supported.");
        }

        if (flags.List("allowed-environment-variables").Count > 0 && !flags.On("enable-environment-variable-allowlist"))
        {
            throw new AgentFailureException("allowed-environment-variables is set, but enable-environment-variable-allowlist is not set");
        }

        if (flags.Text("log-format") is not ("text" or "json"))
        {
            throw new AgentFailureException($"invalid log format \"{flags.Text("log-format")}\". Only 'text' or 'json' are allowed.");
        }

        RefuseSpawning(flags);
        return new StartSettings
        {
            Flags = flags,
            ConfigPath = file?.Path ?? "",
            Token = flags.Text("token"),
            Endpoint = flags.Text("endpoint"),
            AcquireJob = flags.Text("acquire-job"),
            BuildPath = flags.PathOf("build-path"),
            Tags = TagsOf(flags),
            CancelGrace = TimeSpan.FromSeconds(cancelGrace),
            SignalGrace = signalGrace,
            CancelSignal = Signal.Parse(flags.Text("cancel-signal")),
            PluginsEnabled = flags.IsSet("no-plugins")
                ? !flags.On("no-plugins")
                : !flags.On("no-command-eval") && !flags.On("no-local-hooks"),
            AllowedRepositories = [.. flags.List("allowed-repositories").Select(p => Pattern("allowed-repositories", p))],
            AllowedVariables = flags.On("enable-environment-variable-allowlist")
                ? [new("^BUILDKITE$"), new("^BUILDKITE_.*$"), new("^CI$"),
                    .. flags.List("allowed-environment-variables").Select(p => Pattern("allowed-environment-variables", p))]
                : null,
        };
    }

    private static void RefuseSpawning(FlagSet flags)
    {
        var spawn = flags.Number("spawn");
        if (flags.Number("spawn-per-cpu") > 0)
        {
            if (spawn > 1)
            {
                throw new AgentFailureException("You can't specify spawn and spawn-per-cpu at the same time");
            }

            spawn = Environment.ProcessorCount * flags.Number("spawn-per-cpu");
        }

        if (spawn > 1 && flags.Text("acquire-job").Length > 0)
        {
            throw new AgentFailureException("You can't spawn multiple agents and acquire a job at the same time");
        }

        if (flags.Text("acquire-job").Length == 0)
        {
            // The real agent waits for work here. A daemon that forgets the flag would hang on it, and the stub says so instead.
            throw new AgentFailureException("this stub agent only knows --acquire-job: it does not wait for work");
        }
    }

    private static List<string> TagsOf(FlagSet flags)
    {
        var tags = flags.List("tags").Concat(flags.List("meta-data")).ToList();
        if (flags.On("tags-from-host"))
        {
            tags.AddRange([$"hostname={Environment.MachineName}", $"os={AgentVersion.Os}"]);
        }

        if (flags.Text("queue") is { Length: > 0 } queue)
        {
            if (tags.Exists(t => t.StartsWith("queue=", StringComparison.Ordinal)))
            {
                throw new AgentFailureException("Queue must be present in only one of the --tags or the --queue flags");
            }

            tags.Add($"queue={queue}");
        }

        return tags;
    }

    private static Regex Pattern(string flag, string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.None, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException e)
        {
            throw new AgentFailureException($"Regex {pattern} in {flag} failed to compile: {e.Message}", inner: e);
        }
    }
}
