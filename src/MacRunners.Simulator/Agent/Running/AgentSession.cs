using System.Net;
using System.Security.Cryptography;
using System.Text;
using MacRunners.Simulator.Agent.Api;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>The life of an agent in acquire mode: register, connect, heartbeats, acquire, run, disconnect.</summary>
internal sealed class AgentSession(StartSettings settings, AgentLog log, TimeProvider time, TimeProvider retryTime)
{
    private const int AcquireRejectedExitCode = 27;
    private const int PanicExitCode = 2;

    /// <summary>Runs to the end; throws <see cref="AgentFailureException"/> with the exit code otherwise.</summary>
    public async Task RunAsync()
    {
        log.Info("Registering agent with Buildkite...");
        var registration = new AgentApi(settings.Endpoint, settings.Token, http2: !settings.Flags.On("no-http2"));
        var registered = await RegisterAsync(registration);
        log.Info($"Successfully registered agent \"{registered.Name}\" with tags [{string.Join(", ", registered.MetaData ?? [])}]");
        var api = registration.With(registered.AccessToken, registered.Endpoint);
        var agentLog = log.For(registered.Name);
        await RunLifecycleHookAsync("agent-startup", mustSucceed: true);
        try
        {
            using var signals = new StopSignals(agentLog);
            log.Info("Starting 1 Agent(s)");
            log.Info("You can press Ctrl-C to stop the agents");
            await using var health = await HealthServer.StartAsync(settings.Flags.Text("health-check-addr"), registered.Id, signals, log);
            await RunConnectedAsync(registered, api, agentLog, signals);
        }
        finally
        {
            await RunLifecycleHookAsync("agent-shutdown", mustSucceed: false);
        }
    }

    private async Task<RegisterResponse> RegisterAsync(AgentApi api)
    {
        var request = new RegisterRequest(
            settings.Flags.Text("name").Replace("%spawn", "1", StringComparison.Ordinal),
            Environment.MachineName,
            System.Runtime.InteropServices.RuntimeInformation.OSDescription,
            AgentVersion.Architecture,
            ScriptEvalEnabled: !settings.Flags.On("no-command-eval"),
            IgnoreInDispatches: settings.AcquireJob.Length > 0,
            settings.Flags.On("spawn-with-priority") ? "1" : settings.Flags.Text("priority") is { Length: > 0 } priority ? priority : null,
            AgentVersion.Number,
            AgentVersion.Build,
            settings.Tags,
            Environment.ProcessId,
            MachineId(),
            Features());
        try
        {
            return await new Retrier(RetryPlan.Register, retryTime, log.Warn).RunAsync(
                (_, _) => api.RegisterAsync(request, CancellationToken.None),
                failure => new Retrier.Verdict(Stop: failure.Status == HttpStatusCode.Unauthorized),
                CancellationToken.None);
        }
        catch (AgentApiException e)
        {
            throw new AgentFailureException(e.Message, inner: e);
        }
    }

    private async Task RunConnectedAsync(RegisterResponse registered, AgentApi api, AgentLog agentLog, StopSignals signals)
    {
        agentLog.Info("Connecting to Buildkite...");
        try
        {
            await new Retrier(RetryPlan.Connect, retryTime, agentLog.Warn).RunAsync(
                (_, _) => api.ConnectAsync(CancellationToken.None), Retrier.GoOn, CancellationToken.None);
        }
        catch (AgentApiException e)
        {
            throw new AgentFailureException(e.Message, inner: e);
        }

        using var over = new CancellationTokenSource();
        var heartbeats = HeartbeatsAsync(registered, api, agentLog, signals, over.Token);
        try
        {
            await AcquireAndRunAsync(registered, api, agentLog, signals);
        }
        finally
        {
            await over.CancelAsync();
            await heartbeats;
            await DisconnectAsync(api, agentLog);
        }
    }

    private async Task AcquireAndRunAsync(RegisterResponse registered, AgentApi api, AgentLog agentLog, StopSignals signals)
    {
        var job = await AcquireAsync(api, agentLog);
        using var runner = new JobRunner(
            settings, job, api, agentLog, TimeSpan.FromSeconds(registered.JobStatusInterval), time, retryTime);
        signals.Runner = runner;
        try
        {
            await runner.RunAsync();
        }
        finally
        {
            signals.Runner = null;
        }
    }

    private async Task<AcquiredJob> AcquireAsync(AgentApi api, AgentLog agentLog)
    {
        agentLog.Info($"Attempting to acquire job {settings.AcquireJob}...");
        try
        {
            return await new Retrier(RetryPlan.Acquire, retryTime, agentLog.Warn).RunAsync(
                (attempt, left) => api.AcquireAsync(settings.AcquireJob, attempt, left, CancellationToken.None),
                failure => failure.Status switch
                {
                    HttpStatusCode.UnprocessableEntity => new Retrier.Verdict(Stop: true),
                    HttpStatusCode.Locked => new Retrier.Verdict(Stop: false, Wait: LockedWait(failure)),
                    _ => default,
                },
                CancellationToken.None);
        }
        catch (AgentApiException e) when (e.Status == HttpStatusCode.UnprocessableEntity)
        {
            throw new AgentFailureException($"failed to acquire job: job acquisition rejected: {e.Message}", AcquireRejectedExitCode, e);
        }
        catch (AgentApiException e)
        {
            throw new AgentFailureException($"failed to acquire job: {e.Message}", inner: e);
        }
    }

    /// <summary>The server says when a locked job may be free; else one to two seconds.</summary>
    private static TimeSpan LockedWait(AgentApiException failure) =>
        double.TryParse(failure.RetryAfter, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.FromSeconds(1 + Random.Shared.NextDouble());

    private async Task HeartbeatsAsync(RegisterResponse registered, AgentApi api, AgentLog agentLog, StopSignals signals, CancellationToken over)
    {
        if (registered.HeartbeatInterval <= 0)
        {
            // The real agent's ticker panics here, which takes the whole process down.
            agentLog.Error("panic: non-positive interval for NewTicker");
            Environment.Exit(PanicExitCode);
        }

        using var ticker = new PeriodicTimer(TimeSpan.FromSeconds(registered.HeartbeatInterval), time);
        try
        {
            while (await ticker.WaitForNextTickAsync(over))
            {
                await HeartbeatAsync(api, agentLog, signals, over);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            agentLog.Debug("Stopping heartbeats");
        }
        catch (AgentApiException e) when (!e.Retryable)
        {
            agentLog.Error($"Heartbeat failed with unrecoverable status: {e.Message}");
        }
    }

    private async Task HeartbeatAsync(AgentApi api, AgentLog agentLog, StopSignals signals, CancellationToken over)
    {
        try
        {
            await new Retrier(RetryPlan.Heartbeat, retryTime, agentLog.Warn).RunAsync(
                (_, _) => api.HeartbeatAsync(time.GetLocalNow(), over),
                failure => new Retrier.Verdict(Stop: !failure.Retryable),
                over);
        }
        catch (AgentApiException e) when (e.Retryable)
        {
            agentLog.Error($"Failed to heartbeat {e.Message}. Will try again.");
        }
        catch (AgentApiException)
        {
            signals.StopNow();
            throw;
        }
    }

    private async Task DisconnectAsync(AgentApi api, AgentLog agentLog)
    {
        agentLog.Info("Disconnecting...");
        try
        {
            await new Retrier(RetryPlan.Disconnect, retryTime, agentLog.Warn).RunAsync(
                (_, _) => api.DisconnectAsync(CancellationToken.None), Retrier.GoOn, CancellationToken.None);
            agentLog.Info("Disconnected");
        }
        catch (AgentApiException e)
        {
            agentLog.Warn($"There was an error sending the disconnect API call to Buildkite. ({e.Message})");
        }
    }

    private async Task RunLifecycleHookAsync(string name, bool mustSucceed)
    {
        if (AgentHook.Find(settings.HooksPath, name) is not { } hook)
        {
            return;
        }

        var fault = await AgentHook.RunAsync(hook, Processes.EnvironmentEntries.Own(), log, time);
        if (fault is not null)
        {
            log.Error($"\"{name}\" hook: {fault}");
            if (mustSucceed)
            {
                throw new AgentFailureException($"failed to run startup hook: {fault}");
            }
        }
    }

    private List<string> Features()
    {
        var flags = settings.Flags;
        var features = new List<string>();
        if (flags.On("no-feature-reporting"))
        {
            return features;
        }

        AddIf(flags.Text("git-mirrors-path").Length > 0, "git-mirrors");
        AddIf(settings.AcquireJob.Length > 0, "acquire-job");
        AddIf(flags.On("disconnect-after-job"), "disconnect-after-job");
        AddIf(flags.Number("disconnect-after-idle-timeout") != 0, "disconnect-after-idle");
        AddIf(!settings.PluginsEnabled, "no-plugins");
        AddIf(flags.On("no-command-eval"), "no-script-eval");
        AddIf(settings.AllowedRepositories.Count > 0, "allowed-repositories");
        AddIf(flags.List("allowed-plugins").Count > 0, "allowed-plugins");
        features.AddRange(flags.List("experiment").Select(e => $"experiment-{e}"));
        return features;

        void AddIf(bool condition, string feature)
        {
            if (condition)
            {
                features.Add(feature);
            }
        }
    }

    /// <summary>The machine's id, keyed so that it identifies nothing elsewhere; none where the system has none.</summary>
    private static string? MachineId()
    {
        const string Source = "/etc/machine-id";
        return File.Exists(Source)
            ? Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(File.ReadAllText(Source).Trim()), Encoding.UTF8.GetBytes(AgentSelf.Name)))
            : null;
    }
}
