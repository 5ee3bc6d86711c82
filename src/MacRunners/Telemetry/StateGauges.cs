using MacRunners.Health;
using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Telemetry;

/// <summary>Gauges that mirror the daemon's present state. They are read at every scrape, so they are never stale and nobody has to set them.</summary>
internal sealed class StateGauges
{
    /// <summary>Adds the gauges to the daemon's registry.</summary>
    public StateGauges(
        DaemonMetrics metrics,
        IDispatcherStatus dispatcher,
        IDirtyState dirtyState,
        IRetireState retireState,
        ISelfTestState selfTest,
        ITokenAge token,
        GrowthWatch growth,
        IOptions<JobsOptions> jobs)
    {
        var factory = metrics.Families;
        factory.CreateGauge("macrunners_slots", "Jobs this machine runs at the same time.").Set(jobs.Value.Slots);
        var busy = factory.CreateGauge("macrunners_slots_busy", "Slots that hold a job, from its reservation until the proof of cleanliness.");
        var dirty = factory.CreateGauge("macrunners_dirty", "1 when something of an earlier job may still be on the machine, else 0.");
        var retire = factory.CreateGauge("macrunners_retire", "1 when the machine asks to be replaced or rebooted, else 0.");
        var ready = factory.CreateGauge("macrunners_ready", "1 when a matching job would be taken now, else 0.");
        var failures = factory.CreateGauge(
            "macrunners_consecutive_start_failures", "Jobs in a row that could not be started by this machine's own fault.");
        var lastPoll = factory.CreateGauge(
            "macrunners_last_successful_poll_timestamp_seconds",
            "When Buildkite last answered a poll, seconds since 1970; 0 before the first.");
        var limit = factory.CreateGauge("macrunners_job_limit_seconds", "Time limits of a job as configured; 0 where there is none.", "limit");
        limit.WithLabels("run").Set(jobs.Value.Timeout.TotalSeconds);
        limit.WithLabels("no_output").Set(jobs.Value.NoOutputTimeout.TotalSeconds);
        limit.WithLabels("agent_start").Set(jobs.Value.StartDeadline.TotalSeconds);
        limit.WithLabels("teardown").Set(jobs.Value.TeardownBudget.TotalSeconds);
        var tokenAge = factory.CreateGauge("macrunners_token_age_seconds", "Time since the cluster token was last changed.");
        var backgroundTasks = factory.CreateGauge(
            "macrunners_background_tasks_bytes", "Size of the system's database of background tasks, which grows with each account (macOS); not a number where there is none or it is not known.");
        var indexed = factory.CreateGauge(
            "macrunners_homes_indexed", "1 when Spotlight indexes the jobs' homes (macOS), else 0; not a number where there is none or it is not known.");
        metrics.Registry.AddBeforeCollectCallback(() =>
        {
            busy.Set(dispatcher.RunningJobs.Count);
            dirty.Set(dirtyState.Reason is null ? 0 : 1);
            retire.Set(retireState.Reason is null ? 0 : 1);
            failures.Set(selfTest.FailuresInARow);
            ready.Set(dispatcher.ReadyForJobs ? 1 : 0);
            lastPoll.Set(dispatcher.LastSuccessfulPoll?.ToUnixTimeMilliseconds() / 1000.0 ?? 0);
            backgroundTasks.Set(growth.Last?.BackgroundTaskBytes ?? double.NaN);
            indexed.Set(growth.Last?.IndexesHomes is { } indexes ? indexes ? 1 : 0 : double.NaN);
            tokenAge.Set(token.Age?.TotalSeconds ?? double.NaN);
        });
    }
}
