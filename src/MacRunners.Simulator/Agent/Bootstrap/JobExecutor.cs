using System.Globalization;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>
/// One job from the inside: environment hook, checkout, command, their hooks, and the pre-exit hooks whatever happens. Returns the
/// job's exit status.
/// </summary>
internal sealed class JobExecutor
{
    private const string CheckoutPath = "BUILDKITE_BUILD_CHECKOUT_PATH";
    private const string CommandStatus = "BUILDKITE_COMMAND_EXIT_STATUS";
    private const int CheckoutTries = 3;
    private const int Failed = 1;
    private static readonly TimeSpan CheckoutWait = TimeSpan.FromSeconds(2);
    private readonly BootstrapSettings _settings;
    private readonly TimeProvider _time;
    private readonly JobOutput _log;
    private readonly JobShell _shell;
    private readonly JobHooks _hooks;
    private readonly GitCheckout _git;

    /// <summary>Stands in for a checkout when there is nothing to check out; removed at the end.</summary>
    private string? _ownFolder;

    public JobExecutor(BootstrapSettings settings, Dictionary<string, string> variables, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        _log = new JobOutput(settings.Flags.List("redacted-vars"), settings.Flags.List("disable-warnings-for"));
        _log.Redact(variables);
        _shell = new JobShell(settings, variables, _log, time);
        _hooks = new JobHooks(_shell, settings);
        _git = new GitCheckout(_shell, settings);
    }

    public async Task<int> RunAsync(CancellationToken cancel)
    {
        using var announce = cancel.Register(() => _log.Comment("Received cancellation signal, interrupting"));
        await using var grace = new GracePeriod(_settings.SignalGrace, _time, cancel);
        JobApi? api;
        try
        {
            api = OpenJobApi();
        }
        catch (JobFailureException e)
        {
            _log.Error($"Error setting up Job API: {e.Message}");
            _log.Flush();
            return Failed;
        }

        using (api)
        {
            var exitCode = await RunPhasesAsync(cancel, grace.Token);
            exitCode = await TearDownAsync(grace.Token) ?? exitCode;
            _log.Flush();
            return exitCode;
        }
    }

    private JobApi? OpenJobApi()
    {
        if (_settings.Flags.On("no-job-api"))
        {
            _log.OptionalWarning("job-api-disabled", "The Job API has been disabled. Features like automatic redaction of secrets and " +
                "polyglot hooks will either not work or have degraded functionality");
            return null;
        }

        var api = JobApi.Open(_settings.Flags.PathOf("sockets-path"));
        _shell.Variables["BUILDKITE_AGENT_JOB_API_SOCKET"] = api.SocketPath;
        _shell.Variables["BUILDKITE_AGENT_JOB_API_TOKEN"] = api.Token;
        _log.Redact([new("BUILDKITE_AGENT_JOB_API_TOKEN", api.Token)]);
        return api;
    }

    private async Task<int> RunPhasesAsync(CancellationToken cancel, CancellationToken grace)
    {
        try
        {
            await SetUpAsync(cancel);
        }
        catch (JobFailureException e)
        {
            _log.Error($"Error setting up job executor: {e.Message}");
            return e.ExitCode;
        }

        try
        {
            if (_settings.Includes("plugin"))
            {
                RefusePlugins();
            }

            if (_settings.Includes("checkout"))
            {
                await CheckoutPhaseAsync(cancel);
            }
            else if (_shell.Variables.TryGetValue(CheckoutPath, out var folder))
            {
                _shell.ChangeFolder(folder);
            }

            return _settings.Includes("command") ? await CommandPhaseAsync(cancel, grace) : 0;
        }
        catch (JobFailureException e)
        {
            _log.Error(e.Message);
            return e.ExitCode;
        }
    }

    private async Task SetUpAsync(CancellationToken cancel)
    {
        if (_settings.Flags.Text("bin-path") is { Length: > 0 } programs)
        {
            // Last, so that it does not hide other tools.
            _shell.Variables["PATH"] = $"{_shell.Changeable("PATH")}:{programs}";
        }

        if (!_shell.Variables.ContainsKey(CheckoutPath))
        {
            if (_settings.BuildPath.Length == 0)
            {
                throw new JobFailureException("Must set either a BUILDKITE_BUILD_PATH or a BUILDKITE_BUILD_CHECKOUT_PATH");
            }

            _shell.Variables[CheckoutPath] = Path.Combine(
                _settings.BuildPath, AsFolder(_settings.Flags.Text("agent")), _settings.Flags.Text("organization"), _settings.Flags.Text("pipeline"));
        }

        if (_shell.Changeable("BUILDKITE_IGNORED_ENV") is { Length: > 0 } ignored)
        {
            _log.Header("Detected protected environment variables");
            _log.Comment("Your pipeline environment has protected environment variables set. " +
                "These can only be set via hooks, plugins or the agent configuration.");
            foreach (var name in ignored.Split(','))
            {
                _log.Warning($"Ignored {name}");
            }

            _log.Print("^^^ +++");
        }

        _shell.Variables["GIT_TERMINAL_PROMPT"] = "0";
        await _hooks.RunGlobalAsync("environment", cancel);
    }

    private static string AsFolder(string agentName) => new([.. agentName.EnumerateRunes().Select(r =>
        r.IsAscii && char.IsAsciiLetterOrDigit((char)r.Value) ? (char)r.Value : '-')]);

    private void RefusePlugins()
    {
        if (_settings.Flags.Text("plugins") is { Length: > 0 } plugins && plugins.Trim() is not ("[]" or "null"))
        {
            throw new JobFailureException("this stub agent runs no plugins");
        }
    }

    private async Task CheckoutPhaseAsync(CancellationToken cancel)
    {
        await _hooks.RunGlobalAsync("pre-checkout", cancel);
        if (_shell.ChangeableSwitch("BUILDKITE_CLEAN_CHECKOUT"))
        {
            _log.Header("Cleaning pipeline checkout");
            await RemoveFolderAsync(_shell.Changeable(CheckoutPath), cancel);
        }

        _log.Header("Preparing working directory");
        if (_shell.Changeable("BUILDKITE_REPO").Length == 0)
        {
            _ownFolder = Directory.CreateTempSubdirectory($"buildkite-job-{_settings.JobId}").FullName;
            _shell.Variables[CheckoutPath] = _ownFolder;
        }

        EnterFolder();
        if (_hooks.HasGlobal("checkout"))
        {
            await _hooks.RunGlobalAsync("checkout", cancel);
        }
        else if (_shell.Changeable("BUILDKITE_REPO").Length == 0)
        {
            _log.Comment("Skipping checkout, BUILDKITE_REPO is empty");
        }
        else
        {
            await CheckoutWithRetriesAsync(cancel);
        }

        try
        {
            await _git.SendCommitAsync(cancel);
        }
        catch (JobFailureException e)
        {
            _log.OptionalWarning("git-commit-resolution-failed", $"Couldn't send commit information to Buildkite: {e.Message}");
        }

        var before = _shell.Changeable(CheckoutPath);
        await _hooks.RunGlobalAsync("post-checkout", cancel);
        await _hooks.RunLocalAsync("post-checkout", cancel);
        if (_shell.Changeable(CheckoutPath) is var now && before.Length > 0 && now != before)
        {
            _log.Header($"A post-checkout hook has changed the working directory to \"{now}\"");
            _shell.ChangeFolder(now);
        }
    }

    private async Task CheckoutWithRetriesAsync(CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                EnterFolder();
                await _git.RunAsync(cancel);
                return;
            }
            catch (JobFailureException e) when (e.State is { Signaled: true })
            {
                _log.Warning("Checkout was interrupted by a signal");
                throw;
            }
            catch (JobFailureException) when (cancel.IsCancellationRequested)
            {
                _log.Warning("Checkout was cancelled due to context cancellation");
                throw;
            }
            catch (JobFailureException e)
            {
                _log.Warning($"Checkout failed! {e.Message} (Attempt {attempt}/{CheckoutTries})");
                if (_git.FolderSuspect)
                {
                    await RemoveFolderAsync(_shell.Changeable(CheckoutPath), cancel);
                    EnterFolder();
                }

                if (attempt == CheckoutTries)
                {
                    throw;
                }

                await WaitAsync(CheckoutWait, cancel);
            }
        }
    }

    private async Task WaitAsync(TimeSpan time, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(time, _time, cancel);
        }
        catch (OperationCanceledException)
        {
            throw new JobFailureException("context canceled");
        }
    }

    private void EnterFolder()
    {
        var folder = _shell.Changeable(CheckoutPath);
        if (!Path.Exists(folder))
        {
            _log.Comment($"Creating \"{folder}\"");
            try
            {
                Directory.CreateDirectory(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new JobFailureException(e.Message);
            }
        }

        if (_shell.Folder != folder)
        {
            _shell.ChangeFolder(folder);
        }
    }

    private async Task RemoveFolderAsync(string folder, CancellationToken cancel)
    {
        _log.Comment($"Removing {folder}");
        if (Path.Exists(folder))
        {
            _shell.ChangeFolder("/");
            await _shell.RunQuietlyAsync("/bin/rm", ["-rf", "--", folder], [], cancel);
        }
    }

    /// <summary>Hooks of the command and the command itself; the exit status is the command's unless a hook fails.</summary>
    private async Task<int> CommandPhaseAsync(CancellationToken cancel, CancellationToken grace)
    {
        await _hooks.RunGlobalAsync("pre-command", cancel);
        await _hooks.RunLocalAsync("pre-command", cancel);
        var failure = await RunCommandAsync(cancel);
        _shell.Variables[CommandStatus] = (failure?.ExitCode ?? 0).ToString(CultureInfo.InvariantCulture);
        if (failure is not null)
        {
            _log.Print("^^^ +++");
            _log.Error(failure.State switch
            {
                { Signaled: true } state => $"The command was interrupted by a signal: {state}",
                { } state => $"The command exited with status {state.Status}",
                null => failure.Message,
            });
        }

        JobFailureException? hookFailure = null;
        await using (var late = new GracePeriod(_settings.SignalGrace, _time, cancel))
        {
            try
            {
                await _hooks.RunGlobalAsync("post-command", late.Token);
                await _hooks.RunLocalAsync("post-command", late.Token);
            }
            catch (JobFailureException e)
            {
                hookFailure = e;
            }
        }

        if (failure?.State is { Signaled: false })
        {
            _log.Print($"user command error: {failure.Message}");
        }

        var uploadStatus = await UploadArtifactsAsync(grace);
        if (uploadStatus != 0 && failure is null)
        {
            return uploadStatus;
        }

        if (hookFailure is not null)
        {
            throw hookFailure;
        }

        // A hook may have put another status in its place.
        return int.TryParse(_shell.Changeable(CommandStatus), CultureInfo.InvariantCulture, out var status) ? status : 0;
    }

    private async Task<JobFailureException?> RunCommandAsync(CancellationToken cancel)
    {
        try
        {
            if (_hooks.HasLocal("command"))
            {
                await _hooks.RunLocalAsync("command", cancel);
            }
            else if (_hooks.HasGlobal("command"))
            {
                await _hooks.RunGlobalAsync("command", cancel);
            }
            else
            {
                await RunStepCommandAsync(cancel);
            }

            return null;
        }
        catch (JobFailureException e)
        {
            return e;
        }
    }

    private async Task RunStepCommandAsync(CancellationToken cancel)
    {
        if (_settings.Command.Trim().Length == 0)
        {
            throw new JobFailureException("The command phase has no `command` to execute. Provide a `command` field in your step " +
                "configuration, or define a `command` hook in a step plug-in, your repository `.buildkite/hooks`, or agent `hooks-path`.");
        }

        var script = Path.GetFullPath(Path.Combine(_shell.Folder, _settings.Command.Replace("\n", "", StringComparison.Ordinal).TrimStart('/')));
        var isScript = Path.Exists(script);
        var mayEvaluate = _settings.Flags.On("command-eval");
        if (!mayEvaluate && (!isScript || !script.StartsWith(_shell.Folder + '/', StringComparison.Ordinal)))
        {
            throw new JobFailureException("This agent is not allowed to evaluate console commands. To allow this, re-run this agent without " +
                "the `--no-command-eval` option, or specify a script within your repository to run instead (such as scripts/test.sh).");
        }

        var interpreter = ShellWords.Split(_settings.Flags.Text("shell"));
        if (interpreter.Count == 0)
        {
            throw new JobFailureException("No shell set for job");
        }

        var command = isScript ? $"./{Path.GetRelativePath(_shell.Folder, script)}" : _settings.Command;
        if (isScript && mayEvaluate && File.Exists(script))
        {
            File.SetUnixFileMode(script, File.GetUnixFileMode(script) | UnixFileMode.UserExecute);
        }

        _log.Header(isScript ? "Running script" : "Running commands");
        _log.Prompt(command);
        var state = await _shell.RunQuietlyAsync(interpreter[0], [.. interpreter.Skip(1), command], [], cancel);
        if (!state.Success)
        {
            throw JobFailureException.From(state);
        }
    }

    private async Task<int> UploadArtifactsAsync(CancellationToken grace)
    {
        if (_shell.Changeable("BUILDKITE_ARTIFACT_PATHS") is not { Length: > 0 } paths)
        {
            return 0;
        }

        try
        {
            await _hooks.RunGlobalAsync("pre-artifact", grace);
            await _hooks.RunLocalAsync("pre-artifact", grace);
            _log.Header("Uploading artifacts");
            await _shell.RunAsync(AgentSelf.Name, ["artifact", "upload", paths], grace);
            await _hooks.RunGlobalAsync("post-artifact", grace);
            await _hooks.RunLocalAsync("post-artifact", grace);
            return 0;
        }
        catch (JobFailureException e)
        {
            _log.Error(e.Message);
            return e.ExitCode;
        }
    }

    /// <summary>The pre-exit hooks; null, or the exit status if one of them fails.</summary>
    private async Task<int?> TearDownAsync(CancellationToken grace)
    {
        if (!_settings.Includes("command"))
        {
            return null;
        }

        try
        {
            await _hooks.RunGlobalAsync("pre-exit", grace);
            await _hooks.RunLocalAsync("pre-exit", grace);
            if (_ownFolder is not null)
            {
                await RemoveFolderAsync(_ownFolder, grace);
            }

            return null;
        }
        catch (JobFailureException e)
        {
            _log.Error($"Error tearing down job executor: {e.Message}");
            return e.ExitCode;
        }
    }
}
