using MacRunners.Health;
using MacRunners.Hosting.Control;
using MacRunners.Jobs;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MacRunners.Hosting.Http;

/// <summary>What the pages show, gathered from memory alone.</summary>
internal sealed class StatusView(
    HealthBoard board,
    IDispatcherStatus dispatcher,
    ISelfTestState selfTest,
    Admission admission,
    IOptions<JobsOptions> jobs,
    IOptions<HttpOptions> http,
    TimeProvider time)
{
    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>Now.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>The dispatcher's own words.</summary>
    public IDispatcherStatus Dispatcher => dispatcher;

    /// <summary>Whether the machine can do its work.</summary>
    public bool IsUsable => board.Status != HealthStatus.Unhealthy;

    /// <summary>The document of <c>/health</c>.</summary>
    public HealthDocument Health()
    {
        var checks = board.Checks;
        return new HealthDocument(
            Word(checks.Select(check => check.Status).DefaultIfEmpty(HealthStatus.Healthy).Min()),
            ProductVersion.Text,
            Environment.MachineName,
            (long)time.GetElapsedTime(_startedAt).TotalSeconds,
            new HealthDocument.SlotCount(jobs.Value.Slots, dispatcher.RunningJobs.Count),
            [.. checks.Select(check => new HealthDocument.Check(check.Name, Word(check.Status), check.Since, check.Detail, check.Remedy))]);
    }

    /// <summary>The document of <c>/health/ready</c>.</summary>
    public ReadyDocument Ready()
    {
        var reason = board.Checks.FirstOrDefault(check => check.Status == HealthStatus.Unhealthy) is { } sick ? $"{sick.Name}: {sick.Detail}"
            : dispatcher.ReadyForJobs ? null
            : admission.Drained is not null ? "drained: no further job is taken"
            : admission.Holder is { } holder ? holder
            : dispatcher.RunningJobs.Count >= jobs.Value.Slots ? "every slot is busy"
            : dispatcher is { State: DispatcherState.Running, LastError: null } && selfTest.Problem is { } problem ? problem
            : dispatcher is { State: DispatcherState.Running, LastError: null } ? "not connected to Buildkite yet"
            : $"the dispatcher is {Word(dispatcher.State)}{(dispatcher.LastError is { } error ? $": {error}" : "")}";
        return new ReadyDocument(reason is null, reason);
    }

    /// <summary>Everything, for root alone.</summary>
    public StatusDocument Status()
    {
        var (health, ready) = (Health(), Ready());
        return new StatusDocument(
            health.Status,
            Word(dispatcher.State),
            ready.Ready,
            admission.WhyNot ?? ready.Reason,
            admission.Drained is { } drain ? new StatusDocument.DrainOrder(drain.Since, drain.Reason) : null,
            health.Version,
            health.Host,
            Environment.ProcessId,
            health.UptimeSeconds,
            health.Slots,
            [.. dispatcher.RunningJobs.Select(job => new StatusDocument.Job(job.Id, MetricLabel<JobPhase>.Of(job.Phase), job.PhaseSince, job.ReservedAt))],
            [.. dispatcher.RecentJobs.Select(job => new StatusDocument.Ended(
                job.Id,
                MetricLabel<JobOutcome>.Of(job.Outcome),
                job.EndedAt,
                job.Phases.ToDictionary(phase => MetricLabel<JobPhase>.Of(phase.Phase), phase => phase.Duration.TotalSeconds)))],
            health.Checks);
    }

    /// <summary>How a job is named on pages that anybody may read.</summary>
    public string NameOf(Guid job, int position) => http.Value.ShowJobs ? job.ToString("D") : $"job {position + 1}";

    /// <summary>A state as a word.</summary>
    public static string Word<T>(T state)
        where T : struct, Enum => state.ToString().ToLowerInvariant();
}
