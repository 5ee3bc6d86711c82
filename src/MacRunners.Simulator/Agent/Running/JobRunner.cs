using System.Globalization;
using System.Text.Json;
using MacRunners.Simulator.Agent.Api;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>
/// One acquired job: start, checks, bootstrap with its log and the watch for a cancel, the rest of the log, finish.
/// </summary>
internal sealed class JobRunner : IDisposable
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(1);
    private readonly StartSettings _settings;
    private readonly AcquiredJob _job;
    private readonly AgentApi _api;
    private readonly AgentLog _log;
    private readonly TimeSpan _stateInterval;
    private readonly TimeProvider _time;
    private readonly TimeProvider _retryTime;
    private readonly JobLogBuffer _buffer = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _cancelLock = new();
    private volatile ChildProcess? _bootstrap;
    private volatile bool _cancelled;
    private volatile bool _stopped;

    public JobRunner(
        StartSettings settings, AcquiredJob job, AgentApi session, AgentLog log, TimeSpan stateInterval, TimeProvider time, TimeProvider retryTime)
    {
        _settings = settings;
        _job = job;
        _api = session.With(job.Token);
        _log = log;
        _stateInterval = stateInterval;
        _time = time;
        _retryTime = retryTime;
    }

    /// <summary>Runs the job to its end; throws only when the server does not let it start.</summary>
    public async Task RunAsync()
    {
        var environment = new JobEnvironment(_settings, _job, _api, _log);
        _log.Info($"Starting job {_job.Id}");
        await StartAsync();

        var streamer = new LogStreamer(_api, _job, _log, _retryTime);
        var headers = new HeaderTimes(_api, _job.Id, _log, _time, _retryTime);
        await using var sinks = new JobLogSinks(_settings, _buffer, headers, _time);
        var result = await RefusalAsync(sinks, environment) ?? await RunBootstrapAsync(sinks, streamer, environment);
        var finishedAt = _time.GetUtcNow();
        sinks.Flush();
        await streamer.ProcessAsync(_buffer.Take());
        await streamer.StopAsync();
        await headers.StopAsync();
        environment.Dispose();
        await FinishAsync(result, finishedAt, streamer.FailedChunks);
        _log.Info($"Finished job {_job.Id}");
    }

    public void Dispose() => _buffer.Dispose();

    /// <summary>Cancels because the agent itself is to stop.</summary>
    public Task CancelAndStopAsync()
    {
        _stopped = true;
        return CancelAsync();
    }

    /// <summary>Signals the bootstrap, and kills it when the cancel grace is over. Only the first call does anything.</summary>
    private async Task CancelAsync()
    {
        lock (_cancelLock)
        {
            if (_cancelled)
            {
                return;
            }

            _cancelled = true;
        }

        var why = _stopped ? "(agent stopping)" : "";
        _log.Info($"Canceling job {_job.Id} with a grace period of {_settings.CancelGrace.TotalSeconds:0}s {why}");
        _bootstrap?.SignalGroup(_settings.CancelSignal);
        try
        {
            await _ended.Task.WaitAsync(_settings.CancelGrace, _time);
        }
        catch (TimeoutException)
        {
            _log.Info($"Job {_job.Id} hasn't stopped in time, terminating");
            _bootstrap?.SignalGroup(Signal.Kill);
        }
    }

    private async Task StartAsync()
    {
        try
        {
            await new Retrier(RetryPlan.Start, _retryTime, _log.Warn).RunAsync(
                (_, _) => _api.StartAsync(_job.Id, _time.GetUtcNow(), CancellationToken.None),
                failure => new Retrier.Verdict(Stop: !failure.Retryable),
                CancellationToken.None);
        }
        catch (AgentApiException e)
        {
            throw new AgentFailureException($"Failed to run job: {e.Message}", inner: e);
        }
    }

    /// <summary>The reason not to run the job, if there is one.</summary>
    private async Task<JobResult?> RefusalAsync(JobLogSinks sinks, JobEnvironment environment)
    {
        if (_job.Step?.Signature is { ValueKind: not JsonValueKind.Null } || _settings.Flags.Text("verification-jwks-file").Length > 0)
        {
            // Without a key the real agent refuses signed jobs; the stub has no verification at all and refuses both ways round.
            _log.Warn("Job verification failed");
            sinks.WriteLine("+++ ⛔ Job signature verification failed");
            sinks.WriteLine("error: cannot verify signature. JWK for pipeline verification is not configured");
            return new JobResult(-1, Reason: SignalReason.SignatureRejected);
        }

        if (AllowListFault() is { } fault)
        {
            sinks.WriteLine(fault);
            _log.Error(fault);
            return new JobResult(-1, Reason: SignalReason.AgentRefused);
        }

        if (AgentHook.Find(_settings.HooksPath, "pre-bootstrap") is { } hook)
        {
            _log.Info($"Running pre-bootstrap hook \"{hook}\"");
            if (await AgentHook.RunAsync(hook, environment.PreBootstrapEntries(), _log, _time) is { } rejection)
            {
                sinks.WriteLine("pre-bootstrap hook rejected this job, see the buildkite-agent logs for more details");
                _log.Error($"pre-bootstrap hook rejected this job: {rejection}");
                return new JobResult(-1, Reason: SignalReason.AgentRefused);
            }

            _log.Info($"Finished pre-bootstrap hook \"{hook}\": job accepted");
        }

        return null;
    }

    private string? AllowListFault()
    {
        var repository = _job.Env?.GetValueOrDefault("BUILDKITE_REPO") ?? "";
        if (_settings.AllowedRepositories is { Count: > 0 } repositories && !repositories.Any(p => p.IsMatch(repository)))
        {
            return $"failed to validate repo: {repository} has no match in [{string.Join(' ', repositories)}]";
        }

        if (_settings.AllowedVariables is { } allowed && _job.Env?.Keys.FirstOrDefault(name => !allowed.Any(p => p.IsMatch(name))) is { } stray)
        {
            return $"failed to validate environment variables: {stray} has no match in [{string.Join(' ', allowed)}]";
        }

        return null;
    }

    private async Task<JobResult> RunBootstrapAsync(JobLogSinks sinks, LogStreamer streamer, JobEnvironment environment)
    {
        using var over = new CancellationTokenSource();
        var helpers = Task.CompletedTask;
        try
        {
            var child = ChildProcess.Start(Plan(sinks, environment));
            _bootstrap = child;
            helpers = Task.WhenAll(StreamLogAsync(streamer, over.Token), WatchStateAsync(over.Token));
            _log.Info($"[Process] Process is running with PID: {child.Pid}");
            var state = await child.Done;
            _ended.SetResult();
            var signal = state.Signaled ? Signal.Name(state.Signal) : null;
            _log.Info($"Process with PID: {child.Pid} finished with Exit Status: {state.Status}, Signal: {signal ?? "nil"}");
            await child.DrainAsync(_time);
            return new JobResult(state.Status, signal, _stopped ? SignalReason.AgentStop : _cancelled ? SignalReason.Cancel : null);
        }
        catch (SpawnException e)
        {
            _ended.TrySetResult();
            var stage = _settings.Terminal ? "error starting pty: " : "error starting command: ";
            sinks.WriteLine($"Error running job: {stage}{e.Message}");
            return new JobResult(-1, Reason: SignalReason.ProcessRunError);
        }
        finally
        {
            await over.CancelAsync();
            await helpers;
        }
    }

    private ChildPlan Plan(JobLogSinks sinks, JobEnvironment environment)
    {
        var script = _settings.Flags.Text("bootstrap-script");
        var command = script.Length == 0 ? [.. AgentSelf.Command, "bootstrap"] : ShellWords.Split(script);
        return new ChildPlan
        {
            Path = ProgramSearch.Find(command[0], Environment.GetEnvironmentVariable("PATH"))
                ?? throw new SpawnException($"exec: \"{command[0]}\": executable file not found in $PATH"),
            Argument0 = command[0],
            Arguments = [.. command.Skip(1)],
            Environment = environment.Entries(),
            Directory = _settings.BuildPath,
            Terminal = _settings.Terminal,
            Output = sinks.Write,
        };
    }

    /// <summary>Hands the output on about once a second, earlier when there is much of it.</summary>
    private async Task StreamLogAsync(LogStreamer streamer, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await streamer.ProcessAsync(_buffer.Take());
            using var full = CancellationTokenSource.CreateLinkedTokenSource(over);
            await Task.WhenAny(Task.Delay(LogInterval, _time, full.Token), _buffer.WaitHalfFullAsync(full.Token));
            await full.CancelAsync();
        }
    }

    /// <summary>Asks the server whether the job is cancelled, for as long as the bootstrap lives.</summary>
    private async Task WatchStateAsync(CancellationToken over)
    {
        var cancelling = Task.CompletedTask;
        while (!over.IsCancellationRequested)
        {
            try
            {
                var answer = await _api.JobStateAsync(_job.Id, over);
                if (answer.State is "canceling" or "canceled")
                {
                    cancelling = Started(cancelling);
                }
            }
            catch (AgentApiException e) when (e.Status == System.Net.HttpStatusCode.Unauthorized)
            {
                _log.Error($"Invalid access token, cancelling job {_job.Id}");
                cancelling = Started(cancelling);
            }
            catch (AgentApiException e)
            {
                _log.Warn($"Problem with getting job state {_job.Id} ({e.Message})");
            }
            catch (OperationCanceledException)
            {
                break;
            }

            await Task.WhenAny(Task.Delay(_stateInterval, _time, over), _ended.Task);
            if (_ended.Task.IsCompleted)
            {
                break;
            }
        }

        await cancelling;

        Task Started(Task running) => running.IsCompleted ? CancelAsync() : running;
    }

    private async Task FinishAsync(JobResult result, DateTimeOffset finishedAt, int failedChunks)
    {
        var body = new FinishRequest(
            result.Status.ToString(CultureInfo.InvariantCulture), result.Signal, result.Reason, AgentApi.Timestamp(finishedAt), failedChunks);
        try
        {
            await new Retrier(RetryPlan.Patient, _retryTime, _log.Warn).RunAsync(
                (_, left) => _api.FinishAsync(_job.Id, body, left, CancellationToken.None),
                failure => new Retrier.Verdict(Stop: (int?)failure.Status is 401 or 422),
                CancellationToken.None);
        }
        catch (AgentApiException e)
        {
            // The agent's exit status does not tell: it leaves as if the job had been finished.
            _log.Warn($"Buildkite rejected the call to finish the job ({e.Message})");
        }
    }
}
