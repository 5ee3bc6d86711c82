using MacRunners.Buildkite;
using Prometheus;

namespace MacRunners.Telemetry;

/// <summary>
/// What happens in the daemon, counted. Callers say what happened; names, labels and buckets are decided here. The
/// registry is the daemon's own, so nothing a library adds to the global one is ever published. Labels come from closed
/// sets: never a job id, never data of a job.
/// </summary>
internal sealed class DaemonMetrics : IApiObserver
{
    // From the 10 ms of a helper's start to the longest sensible job.
    private static readonly double[] PhaseBuckets =
        [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600];

    private static readonly double[] RequestBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    // From a virtual machine's clone to an old machine's file system check.
    private static readonly double[] BootBuckets = [10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800];

    private readonly Counter _jobs;
    private readonly Histogram _phases;
    private readonly Histogram _boots;
    private readonly Counter _polls;
    private readonly Counter _requests;
    private readonly Histogram _requestSeconds;
    private readonly Counter _residue;
    private readonly Counter _orphans;
    private readonly Counter _selfTests;
    private readonly Counter _droppedOutput;
    private readonly Counter _agentTokens;
    private readonly Gauge _stuckTrash;

    /// <summary>Creates all families, with every label value that can occur, at zero: a rate needs a first sample.</summary>
    /// <param name="version">The daemon's version.</param>
    /// <param name="platform"><see cref="Platform.IPlatform.Name"/>.</param>
    public DaemonMetrics(string version, string platform)
    {
        Registry = Metrics.NewCustomRegistry();
        var factory = Families = new MetricFamilies(Registry);
        _jobs = factory.CreateCounter("macrunners_jobs_total", "Jobs that were reserved and have ended, by outcome.", "outcome");
        _phases = factory.CreateHistogram(
            "macrunners_job_phase_seconds",
            "Duration of each phase of a job.",
            ["phase"],
            new HistogramConfiguration { Buckets = PhaseBuckets });
        _boots = factory.CreateHistogram(
            "macrunners_boot_seconds",
            "From the machine's start until it took jobs for the first time; observed once per boot.",
            [],
            new HistogramConfiguration { Buckets = BootBuckets });
        _polls = factory.CreateCounter("macrunners_polls_total", "Polls for scheduled jobs, by result.", "result");
        _requests = factory.CreateCounter(
            "macrunners_api_requests_total",
            "Calls of Buildkite's API, by operation and HTTP status, or the reason why there was none.",
            "operation",
            "status");
        _requestSeconds = factory.CreateHistogram(
            "macrunners_api_request_seconds",
            "Duration of calls of Buildkite's API, by operation.",
            ["operation"],
            new HistogramConfiguration { Buckets = RequestBuckets });
        _residue = factory.CreateCounter("macrunners_residue_found_total", "Things that jobs left behind and teardown removed, by kind.", "kind");
        _orphans = factory.CreateCounter("macrunners_orphans_recovered_total", "Accounts of an earlier run of the daemon that were torn down.");
        _selfTests = factory.CreateCounter("macrunners_selftests_total", "Self-tests (an account, a program in it, a teardown), by result.", "result");
        _droppedOutput = factory.CreateCounter(
            "macrunners_agent_output_dropped_bytes_total",
            "Bytes of agents' own output beyond Jobs:MaxAgentOutputBytes, dropped.");
        _agentTokens = factory.CreateCounter(
            "macrunners_agent_token_fallbacks_total",
            "Jobs whose agent was given the agent token, since Buildkite issued no acquisition token (Buildkite:AllowAgentTokenFallback).");
        _stuckTrash = factory.CreateGauge(
            "macrunners_trash_stuck_entries",
            "Entries of the trash that could not be removed when it was last emptied; when they stay, the machine is dirty.");
        factory.CreateGauge("macrunners_build_info", "Always 1; the labels tell version and platform.", "version", "platform")
            .WithLabels(version, platform)
            .Set(1);

        Array.ForEach(Enum.GetValues<ApiOperation>(), operation => _requestSeconds.WithLabels(operation.Label()));
        Array.ForEach([.. MetricLabel<JobOutcome>.All], label => _jobs.WithLabels(label));
        Array.ForEach([.. MetricLabel<JobPhase>.All], label => _phases.WithLabels(label));
        Array.ForEach([.. MetricLabel<PollResult>.All], label => _polls.WithLabels(label));
        Array.ForEach([.. MetricLabel<ResidueKind>.All], label => _residue.WithLabels(label));
        Array.ForEach([.. MetricLabel<SelfTestResult>.All], label => _selfTests.WithLabels(label));
    }

    /// <summary>Everything that <c>/metrics</c> shows.</summary>
    public CollectorRegistry Registry { get; }

    /// <summary>Creates further families in it.</summary>
    public MetricFamilies Families { get; }

    /// <summary>A reserved job has ended.</summary>
    public void JobEnded(JobOutcome outcome) => _jobs.WithLabels(MetricLabel<JobOutcome>.Of(outcome)).Inc();

    /// <summary>A phase of a job has ended.</summary>
    public void PhaseTook(JobPhase phase, TimeSpan duration) =>
        _phases.WithLabels(MetricLabel<JobPhase>.Of(phase)).Observe(Math.Max(0, duration.TotalSeconds));

    /// <summary>The machine takes jobs for the first time since it was started.</summary>
    public void BootTook(TimeSpan duration) => _boots.Observe(Math.Max(0, duration.TotalSeconds));

    /// <summary>A poll for scheduled jobs has ended.</summary>
    public void PollEnded(PollResult result) => _polls.WithLabels(MetricLabel<PollResult>.Of(result)).Inc();

    /// <inheritdoc/>
    public void Completed(ApiAttempt attempt)
    {
        var operation = attempt.Operation.Label();
        _requests.WithLabels(operation, attempt.Outcome).Inc();
        _requestSeconds.WithLabels(operation).Observe(attempt.Elapsed.TotalSeconds);
    }

    /// <summary>Teardown found something of a job and removed it.</summary>
    public void ResidueFound(ResidueKind kind, int count = 1) => _residue.WithLabels(MetricLabel<ResidueKind>.Of(kind)).Inc(count);

    /// <summary>An account that an earlier run of the daemon left was torn down.</summary>
    public void OrphanRecovered() => _orphans.Inc();

    /// <summary>The trash was emptied but for so many entries.</summary>
    public void TrashStuck(int entries) => _stuckTrash.Set(entries);

    /// <summary>A self-test has ended.</summary>
    public void SelfTestEnded(SelfTestResult result) => _selfTests.WithLabels(MetricLabel<SelfTestResult>.Of(result)).Inc();

    /// <summary>Output of an agent beyond the cap was dropped.</summary>
    public void AgentOutputDropped(long bytes) => _droppedOutput.Inc(bytes);

    /// <summary>An agent gets the agent token for want of an acquisition token.</summary>
    public void AgentTokenUsed() => _agentTokens.Inc();
}
