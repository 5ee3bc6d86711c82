using MacRunners.Buildkite;
using MacRunners.Jobs;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Agent;

/// <summary>Stays with a running agent until its process has ended, and enforces the limits.</summary>
internal sealed partial class AgentSupervisor(IJobSource source, IOptions<JobsOptions> jobs, TimeProvider time, ILogger<AgentSupervisor> logger)
{
    // All limits are looked at again at least this often, however slowly Buildkite answers.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(10);

    /// <summary>Waits for the agent's end.</summary>
    /// <param name="job">Its job.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="run">What is known of it so far.</param>
    /// <param name="acquired">Called once when Buildkite says that the agent has the job.</param>
    /// <param name="ending">Called once before the agent is made to end.</param>
    /// <param name="mustStop">The daemon cannot wait any longer.</param>
    public async Task<AgentEnd> WatchAsync(
        Guid job, AgentProcess agent, AgentRun run, Action acquired, Action<AgentEndCause> ending, CancellationToken mustStop)
    {
        var limits = new AgentLimits(jobs.Value, run.AcquiredAt is not null, run.EndCause, time.GetElapsedTime(run.StartedAt, run.EndingAt));
        while (!await EndsWithinAsync(
            agent, limits.NextLook(time.GetElapsedTime(run.StartedAt), agent.Silence), limits.Cause is null ? mustStop : CancellationToken.None))
        {
            var (hadAcquired, hadCause) = (limits.HasAcquired, limits.Cause);
            var state = await LookAsync(job, agent);
            var action = limits.Decide(time.GetElapsedTime(run.StartedAt), agent.Silence, state, mustStop.IsCancellationRequested);
            if (limits.HasAcquired && !hadAcquired)
            {
                acquired();
            }

            if (hadCause is null && limits.Cause is { } cause)
            {
                ending(cause);
            }

            switch (action)
            {
                case AgentAction.Cancel:
                    Cancelling(logger, limits.Cause!.Value, jobs.Value.CancelGrace.TotalSeconds);
                    agent.Signal(Signal.Quit);
                    break;
                case AgentAction.Kill:
                    Killing(logger, limits.Cause!.Value);
                    agent.Signal(Signal.Kill);
                    break;
            }
        }

        return new AgentEnd(await agent.Ended, limits.Cause);
    }

    private async Task<bool> EndsWithinAsync(AgentProcess agent, TimeSpan limit, CancellationToken wake)
    {
        try
        {
            await agent.Exited.WaitAsync(limit, time, wake);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // A state that cannot be learned is no reason to touch the job: all limits work without it.
    private async Task<JobState?> LookAsync(Guid job, AgentProcess agent)
    {
        using var enough = new CancellationTokenSource();
        try
        {
            var look = source.GetStateAsync(job, enough.Token);
            _ = await Task.WhenAny(look, agent.Exited, Task.Delay(LongestLook, time, enough.Token));
            return look.IsCompleted ? await look : null;
        }
        catch (Exception e) when (e is BuildkiteApiException or IOException)
        {
            StateUnknown(logger, e.Message);
            return null;
        }
        finally
        {
            await enough.CancelAsync();
        }
    }

    [LoggerMessage(1401, LogLevel.Warning, "Asking the agent to cancel its job ({Cause}); it gets {Grace} s")]
    private static partial void Cancelling(ILogger logger, AgentEndCause cause, double grace);

    [LoggerMessage(1402, LogLevel.Warning, "Killing the agent ({Cause})")]
    private static partial void Killing(ILogger logger, AgentEndCause cause);

    [LoggerMessage(1403, LogLevel.Warning, "The job's state could not be learned: {Why}")]
    private static partial void StateUnknown(ILogger logger, string why);
}

/// <summary>How an agent ended.</summary>
/// <param name="ExitCode">Its exit code, 128 + n for signal n; null when nobody knows it.</param>
/// <param name="Cause">Why the daemon ended it; null when it left by itself.</param>
internal sealed record AgentEnd(int? ExitCode, AgentEndCause? Cause)
{
    /// <summary>The exit code, for people.</summary>
    public string Exit => ExitCode is { } code ? $"exit code {code}" : "an unknown exit code";
}
