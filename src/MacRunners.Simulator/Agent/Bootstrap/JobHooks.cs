using System.Globalization;
using System.Text.Json;
using MacRunners.Simulator.Agent.Api;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>
/// Hooks of the operator (<c>global</c>) and of the repository (<c>local</c>). What a shell hook exports or unsets, and the folder it
/// changes to, hold for the rest of the job.
/// </summary>
internal sealed class JobHooks(JobShell shell, BootstrapSettings settings)
{
    private const string ExitStatusVariable = "BUILDKITE_HOOK_EXIT_STATUS";
    private const string FolderVariable = "BUILDKITE_HOOK_WORKING_DIR";

    public bool HasGlobal(string name) => Global(name) is not null;

    public bool HasLocal(string name) => Path.Exists(Local(name));

    public async Task RunGlobalAsync(string name, CancellationToken cancel)
    {
        if (Global(name) is { } path)
        {
            await RunAsync("global", name, path, cancel);
        }
    }

    public async Task RunLocalAsync(string name, CancellationToken cancel)
    {
        var path = Local(name);
        if (!Path.Exists(path))
        {
            return;
        }

        if (!settings.Flags.On("local-hooks-enabled") || shell.Changeable("BUILDKITE_NO_LOCAL_HOOKS") is "true" or "1")
        {
            throw new JobFailureException($"Refusing to run {path}, local hooks are disabled");
        }

        await RunAsync("local", name, path, cancel);
    }

    private string? Global(string name) =>
        settings.HooksPath.Length > 0 && Path.Combine(settings.HooksPath, name) is var path && Path.Exists(path) ? path : null;

    private string Local(string name) => Path.Combine(shell.Folder, ".buildkite", "hooks", name);

    private async Task RunAsync(string scope, string name, string path, CancellationToken cancel)
    {
        shell.Log.Header($"Running {scope} {name} hook");
        try
        {
            if (HookScript.IsShellScript(path))
            {
                await RunWrappedAsync($"{scope} {name}", path, cancel);
            }
            else
            {
                await RunDirectlyAsync(scope, name, path, cancel);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SpawnException)
        {
            throw new JobFailureException($"running \"{scope} {name}\" hook: {e.Message}");
        }
    }

    private async Task RunDirectlyAsync(string scope, string name, string path, CancellationToken cancel)
    {
        shell.Log.Prompt(path);
        var state = await shell.RunQuietlyAsync(
            path, [], [$"BUILDKITE_HOOK_PHASE={name}", $"BUILDKITE_HOOK_PATH={path}", $"BUILDKITE_HOOK_SCOPE={scope}"], cancel);
        if (!state.Success)
        {
            throw JobFailureException.From(state, $"running \"{scope} {name}\" hook");
        }
    }

    /// <summary>Runs a shell hook inside a wrapper that writes down the environment before and after it.</summary>
    private async Task RunWrappedAsync(string title, string path, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("buildkite-agent-hook-wrapper");
        var before = Path.Combine(folder.FullName, "hook-before-env");
        var after = Path.Combine(folder.FullName, "hook-after-env");
        var wrapper = Path.Combine(folder.FullName, "hook-script-wrapper");
        try
        {
            var dump = string.Join(' ', AgentSelf.Command.Append("env").Append("dump").Select(ShellWords.Quote));
            await File.WriteAllTextAsync(
                wrapper,
                $"""
                {HookScript.Shebang(path)}
                {dump} > {ShellWords.Quote(before)}
                . {ShellWords.Quote(path)}
                export {ExitStatusVariable}=$?
                export {FolderVariable}="$PWD"
                {dump} > {ShellWords.Quote(after)}
                exit ${ExitStatusVariable}
                """.TrimStart('\n'),
                CancellationToken.None);
            File.SetUnixFileMode(wrapper, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            shell.Log.Prompt(path.StartsWith(shell.Folder + '/', StringComparison.Ordinal) ? path[(shell.Folder.Length + 1)..] : path);
            var (program, arguments) = HookScript.Command(wrapper, shell.Changeable("PATH"));
            var state = await shell.RunQuietlyAsync(program, arguments, [], cancel);
            shell.Variables["BUILDKITE_LAST_HOOK_EXIT_STATUS"] = state.Status.ToString(CultureInfo.InvariantCulture);
            if (!state.Success)
            {
                throw new JobFailureException($"The {title} hook exited with status {state.Status}", state.Status, new ExitState(state.Status, 0));
            }

            Apply(Read(before), Read(after));
        }
        finally
        {
            foreach (var file in folder.EnumerateFiles())
            {
                file.Delete();
            }

            folder.Delete();
        }
    }

    /// <summary>Null when the hook left by itself before the wrapper could look: then nothing it changed is known.</summary>
    private static SortedDictionary<string, string>? Read(string path)
    {
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        return text.Length == 0 ? null : JsonSerializer.Deserialize(text, AgentApiJson.Default.SortedDictionaryStringString);
    }

    private void Apply(SortedDictionary<string, string>? before, SortedDictionary<string, string>? after)
    {
        if (before is null || after is null)
        {
            return;
        }

        if (after.Remove(FolderVariable, out var folder) && folder != shell.Folder)
        {
            shell.ChangeFolder(folder);
        }

        // "_" is the shell's own.
        foreach (var own in new[] { ExitStatusVariable, FolderVariable, "_" })
        {
            before.Remove(own);
            after.Remove(own);
        }

        var changed = after.Where(v => !before.TryGetValue(v.Key, out var old) || old != v.Value).ToList();
        var removed = before.Keys.Where(name => !after.ContainsKey(name)).ToList();
        changed.ForEach(v => shell.Variables[v.Key] = v.Value);
        removed.ForEach(name => shell.Variables.Remove(name));
        if (changed.Count + removed.Count > 0)
        {
            shell.Log.Redact(shell.Variables);
        }

        changed.ForEach(v => shell.Log.Comment($"{v.Key} {(before.ContainsKey(v.Key) ? "changed" : "added")}"));
        removed.ForEach(name => shell.Log.Comment($"{name} removed"));
    }
}
