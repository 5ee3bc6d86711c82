using MacRunners.Health;
using MacRunners.Jobs.Journal;
using MacRunners.Teardown;
using MacRunners.Telemetry;

namespace MacRunners.Jobs;

/// <summary>The last lines of a job's life, whoever led it to its end: measured, reported, logged, and only then forgotten by the journal.</summary>
internal sealed partial class JobClosing(
    JobBoard board, JobReports reports, JournalFile journal, SelfTest test, DaemonMetrics metrics, TimeProvider time, ILogger<JobClosing> logger)
{
    /// <summary>Closes a job that has been torn down; it gives its slot back.</summary>
    /// <param name="life">The job.</param>
    /// <param name="verdict">What became of it; Buildkite knows.</param>
    /// <param name="teardown">What its teardown found.</param>
    /// <param name="phases">How long everything took.</param>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public void Close(JobLife life, JobVerdict verdict, TeardownReport teardown, IReadOnlyList<PhaseDuration> phases)
    {
        var ended = new EndedJob(life.Job, verdict.Outcome, time.GetUtcNow(), phases);
        metrics.JobEnded(ended.Outcome);
        foreach (var phase in ended.Phases)
        {
            metrics.PhaseTook(phase.Phase, phase.Duration);
        }

        reports.Write(ended, life, verdict, teardown);
        journal.Append(at => new JobSettled(at, life.Job));
        Ended(logger, life.Job, verdict.Outcome, teardown.IsClean ? "clean" : "DIRTY", Describe(ended.Phases), verdict.Why ?? "");
        test.JobEnded(verdict);
        board.Leave(ended);
    }

    /// <summary>Closes a first attempt that a second one follows: that one will be reported.</summary>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public void Supersede(JobLife life) => journal.Append(at => new JobSettled(at, life.Job));

    private static string Describe(IReadOnlyList<PhaseDuration> phases) =>
        string.Join(", ", phases.Select(phase => $"{phase.Phase} {phase.Duration.TotalMilliseconds:0} ms"));

    [LoggerMessage(1325, LogLevel.Information, "Job {Job} ended: {Outcome}, machine {Cleanliness} ({Phases}) {Why}")]
    private static partial void Ended(ILogger logger, Guid job, JobOutcome outcome, string cleanliness, string phases, string why);
}
