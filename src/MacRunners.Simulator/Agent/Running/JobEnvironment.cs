using System.Globalization;
using System.Text;
using System.Text.Json;
using MacRunners.Simulator.Agent.Api;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>
/// What the bootstrap gets to see: the agent's own variables without those of its flags, then the job's, then what only the agent may
/// set. Also the two files with the job's variables, which a <c>pre-bootstrap</c> hook reads.
/// </summary>
internal sealed class JobEnvironment : IDisposable
{
    private const int LongestMessage = 64 * 1024;
    private const string Message = "BUILDKITE_MESSAGE";

    /// <summary>Set by the agent alone. A pipeline that sets one of them anyway gets a warning in its log.</summary>
    private static readonly string[] Protected =
    [
        "BUILDKITE_AGENT_ACCESS_TOKEN", "BUILDKITE_AGENT_DEBUG", "BUILDKITE_AGENT_ENDPOINT", "BUILDKITE_AGENT_PID", "BUILDKITE_BIN_PATH",
        "BUILDKITE_BUILD_PATH", "BUILDKITE_COMMAND_EVAL", "BUILDKITE_CONFIG_PATH", "BUILDKITE_CONTAINER_COUNT",
        "BUILDKITE_GIT_CLEAN_FLAGS", "BUILDKITE_GIT_CLONE_FLAGS", "BUILDKITE_GIT_CLONE_MIRROR_FLAGS", "BUILDKITE_GIT_FETCH_FLAGS",
        "BUILDKITE_GIT_MIRRORS_LOCK_TIMEOUT", "BUILDKITE_GIT_MIRRORS_PATH", "BUILDKITE_GIT_MIRRORS_SKIP_UPDATE",
        "BUILDKITE_GIT_SUBMODULES", "BUILDKITE_HOOKS_PATH", "BUILDKITE_KUBERNETES_EXEC", "BUILDKITE_LOCAL_HOOKS_ENABLED",
        "BUILDKITE_PLUGINS_ENABLED", "BUILDKITE_PLUGINS_PATH", "BUILDKITE_SHELL", "BUILDKITE_SSH_KEYSCAN",
    ];

    private readonly StartSettings _settings;
    private readonly AcquiredJob _job;
    private readonly AgentApi _api;
    private readonly AgentLog _log;
    private readonly Dictionary<string, string> _jobVariables;

    public JobEnvironment(StartSettings settings, AcquiredJob job, AgentApi api, AgentLog log)
    {
        _settings = settings;
        _job = job;
        _api = api;
        _log = log;
        _jobVariables = (job.Env ?? []).ToDictionary(v => v.Key, v => v.Value ?? "");
        _jobVariables.Remove("BUILDKITE_AGENT_TOKEN");
        Directory.CreateDirectory(Path.GetTempPath());
        ShellFile = Write($"job-env-{job.Id}", writer =>
        {
            foreach (var (name, value) in _jobVariables)
            {
                writer.Write($"{name}={GoQuote(value)}\n");
            }
        });
        JsonFile = Write($"job-env-json-{job.Id}", writer => writer.Write(JsonSerializer.Serialize(
            new SortedDictionary<string, string>(_jobVariables, StringComparer.Ordinal), AgentApiJson.Default.SortedDictionaryStringString) + "\n"));
    }

    /// <summary>The job's variables as <c>NAME="value"</c> lines.</summary>
    public string ShellFile { get; }

    /// <summary>The job's variables as one JSON object.</summary>
    public string JsonFile { get; }

    /// <summary>Entries for the bootstrap; a later one of the same name would win, so each name comes once.</summary>
    public IReadOnlyList<string> Entries()
    {
        var variables = new Dictionary<string, string>(_jobVariables)
        {
            ["BUILDKITE_ENV_FILE"] = ShellFile,
            ["BUILDKITE_ENV_JSON_FILE"] = JsonFile,
        };
        var ignored = Protected.Where(name => _job.Env?.ContainsKey(name) == true).ToList();
        if (ignored.Count > 0)
        {
            variables["BUILDKITE_IGNORED_ENV"] = string.Join(',', ignored);
        }

        AddAgentVariables(variables);
        CutMessage(variables);
        var job = _settings.Flags.Text("bootstrap-script").Length == 0
            ? HeldVariables.Hold(variables)
            : variables.Select(variable => $"{variable.Key}={variable.Value}");
        return EnvironmentEntries.Merge(EnvironmentEntries.Own(), job, _settings.Terminal ? ["TERM=xterm-256color"] : []);
    }

    /// <summary>What the <c>pre-bootstrap</c> hook gets beside the agent's own variables.</summary>
    public IReadOnlyList<string> PreBootstrapEntries() => EnvironmentEntries.Merge(EnvironmentEntries.Own(),
    [
        $"BUILDKITE_ENV_FILE={ShellFile}", $"BUILDKITE_ENV_JSON_FILE={JsonFile}", $"BUILDKITE_JOB_ID={_job.Id}",
        $"BUILDKITE_AGENT_ACCESS_TOKEN={_api.Token}", $"BUILDKITE_AGENT_ENDPOINT={_api.Endpoint}", $"BUILDKITE_NO_HTTP2={Go(!_api.Http2)}",
        $"BUILDKITE_AGENT_DEBUG={Go(_settings.Flags.On("debug"))}", $"BUILDKITE_AGENT_DEBUG_HTTP={Go(_settings.Flags.On("debug-http"))}",
    ]);

    public void Dispose()
    {
        File.Delete(ShellFile);
        File.Delete(JsonFile);
    }

    private static string Go(bool value) => value ? "true" : "false";

    private void AddAgentVariables(Dictionary<string, string> variables)
    {
        var flags = _settings.Flags;
        variables["BUILDKITE_AGENT_ENDPOINT"] = _api.Endpoint;
        variables["BUILDKITE_AGENT_ACCESS_TOKEN"] = _api.Token;
        variables["BUILDKITE_NO_HTTP2"] = Go(!_api.Http2);
        variables["BUILDKITE_AGENT_DEBUG"] = Go(flags.On("debug"));
        variables["BUILDKITE_AGENT_DEBUG_HTTP"] = Go(flags.On("debug-http"));
        variables["BUILDKITE_AGENT_PID"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        variables["BUILDKITE_BIN_PATH"] = AgentSelf.Folder;
        variables["BUILDKITE_CONFIG_PATH"] = _settings.ConfigPath;
        variables["BUILDKITE_BUILD_PATH"] = _settings.BuildPath;
        variables["BUILDKITE_SOCKETS_PATH"] = flags.PathOf("sockets-path");
        variables["BUILDKITE_GIT_MIRRORS_PATH"] = flags.PathOf("git-mirrors-path");
        variables["BUILDKITE_GIT_MIRRORS_SKIP_UPDATE"] = Go(flags.On("git-mirrors-skip-update"));
        variables["BUILDKITE_HOOKS_PATH"] = _settings.HooksPath;
        variables["BUILDKITE_PLUGINS_PATH"] = flags.PathOf("plugins-path");
        variables["BUILDKITE_SSH_KEYSCAN"] = Go(!flags.On("no-ssh-keyscan"));
        variables["BUILDKITE_GIT_SUBMODULES"] = Go(!flags.On("no-git-submodules"));
        variables["BUILDKITE_COMMAND_EVAL"] = Go(!flags.On("no-command-eval"));
        variables["BUILDKITE_PLUGINS_ENABLED"] = Go(_settings.PluginsEnabled);
        variables["BUILDKITE_LOCAL_HOOKS_ENABLED"] = Go(!flags.On("no-local-hooks"));
        foreach (var git in new[] { "checkout", "clone", "fetch", "clone-mirror", "clean" })
        {
            variables[$"BUILDKITE_GIT_{git.ToUpperInvariant().Replace('-', '_')}_FLAGS"] = flags.Text($"git-{git}-flags");
        }

        variables["BUILDKITE_GIT_MIRRORS_LOCK_TIMEOUT"] = flags.Text("git-mirrors-lock-timeout");
        variables["BUILDKITE_SHELL"] = _settings.Shell;
        variables["BUILDKITE_AGENT_EXPERIMENT"] = string.Join(',', flags.List("experiment"));
        variables["BUILDKITE_REDACTED_VARS"] = string.Join(',', flags.List("redacted-vars"));
        variables["BUILDKITE_STRICT_SINGLE_HOOKS"] = Go(flags.On("strict-single-hooks"));
        variables["BUILDKITE_CANCEL_GRACE_PERIOD"] = flags.Text("cancel-grace-period");
        variables["BUILDKITE_SIGNAL_GRACE_PERIOD_SECONDS"] = ((int)_settings.SignalGrace.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        variables["BUILDKITE_TRACE_CONTEXT_ENCODING"] = flags.Text("trace-context-encoding");
        AddUnlessUsual(variables);
    }

    private void AddUnlessUsual(Dictionary<string, string> variables)
    {
        var flags = _settings.Flags;
        if (flags.On("kubernetes-exec"))
        {
            variables["BUILDKITE_KUBERNETES_EXEC"] = "true";
        }

        if (flags.On("no-multipart-artifact-upload"))
        {
            variables["BUILDKITE_NO_MULTIPART_ARTIFACT_UPLOAD"] = "true";
        }

        if (_settings.CancelSignal != Signal.Terminate)
        {
            variables["BUILDKITE_CANCEL_SIGNAL"] = flags.Text("cancel-signal").ToUpperInvariant();
        }

        if (!_settings.Terminal)
        {
            variables["BUILDKITE_PTY"] = "false";
        }

        var validation = variables.GetValueOrDefault("BUILDKITE_PLUGIN_VALIDATION") is "true" or "1" or "on" || !flags.On("no-plugin-validation");
        variables["BUILDKITE_PLUGIN_VALIDATION"] = Go(validation);
        if (flags.Text("tracing-backend") is { Length: > 0 } tracing)
        {
            variables["BUILDKITE_TRACING_BACKEND"] = tracing;
            variables["BUILDKITE_TRACING_SERVICE_NAME"] = flags.Text("tracing-service-name");
        }

        variables["BUILDKITE_AGENT_DISABLE_WARNINGS_FOR"] = string.Join(',', flags.List("disable-warnings-for"));
    }

    /// <summary>A commit message may be longer than what an environment holds.</summary>
    private void CutMessage(Dictionary<string, string> variables)
    {
        if (!variables.TryGetValue(Message, out var text))
        {
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length <= LongestMessage)
        {
            return;
        }

        var most = LongestMessage - Message.Length - 2;
        var note = $"[value truncated {bytes.Length} -> {most} bytes]";
        variables[Message] = Encoding.UTF8.GetString(bytes, 0, most - note.Length).TrimEnd('\uFFFD') + note;
        _log.Warn($"{Message} {note.Trim('[', ']')}");
    }

    private static string Write(string prefix, Action<StreamWriter> content)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{prefix}{Random.Shared.Next():D10}");
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        using var writer = new StreamWriter(file);
        content(writer);
        return path;
    }

    private static string GoQuote(string value)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in value)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\x7f' => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
