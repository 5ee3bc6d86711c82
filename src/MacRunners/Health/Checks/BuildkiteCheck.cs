using MacRunners.Jobs;
using MacRunners.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MacRunners.Health.Checks;

/// <summary>Does Buildkite answer our polls?</summary>
internal sealed class BuildkiteCheck(
    IDispatcherStatus dispatcher,
    IOptions<HealthOptions> health,
    IOptions<BuildkiteOptions> buildkite,
    TimeProvider time) : IHealthCheck
{
    private const string Remedy = "Check the token, the network and Buildkite's status; the daemon goes on trying.";

    private readonly long _startedAt = time.GetTimestamp();

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        var sincePoll = dispatcher.SinceLastSuccessfulPoll;
        var silence = sincePoll ?? time.GetElapsedTime(_startedAt);
        var granted = Dispatcher.LongestSilence(buildkite.Value);
        var allowed = granted > health.Value.PollSilence ? granted : health.Value.PollSilence;
        var lastPoll = sincePoll is null ? "no successful poll yet" : $"last successful poll {silence.TotalSeconds:0} s ago";
        var isPolling = dispatcher.State is not DispatcherState.Drained;
        return dispatcher switch
        {
            _ when isPolling && silence > allowed => Finding.Unhealthy($"{lastPoll}{Reason()}", Remedy),
            // One poll may fail: the next one is made by itself.
            { LastError: not null, FailedPolls: 1 } when sincePoll is not null => Finding.Healthy($"{lastPoll}; one failed since{Reason()}"),
            { LastError: not null } => Finding.Degraded($"{lastPoll}{Reason()}", Remedy),
            { State: not DispatcherState.Starting } when isPolling && sincePoll is null => Finding.Awaited(lastPoll, "Wait for the connection to Buildkite."),
            { State: DispatcherState.Starting } => Finding.Awaited("the daemon is still starting", "Wait: what an earlier run left behind is torn down first."),
            { State: DispatcherState.Paused } => Finding.Healthy($"{lastPoll}; the queue is paused at Buildkite"),
            { State: DispatcherState.Draining or DispatcherState.Drained } => Finding.Healthy("draining: no further job is taken"),
            _ => Finding.Healthy(lastPoll),
        };
    }

    private string Reason() => dispatcher.LastError is { } error ? $": {error}" : "";
}
