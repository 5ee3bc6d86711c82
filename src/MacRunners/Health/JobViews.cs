using MacRunners.Telemetry;

namespace MacRunners.Health;

/// <summary>A job in progress, for the status page.</summary>
/// <param name="Id">Buildkite's job id; shown over TCP only when <see cref="Settings.HttpOptions.ShowJobs"/> is set.</param>
/// <param name="Phase">What is being done for it.</param>
/// <param name="PhaseSince">When that began.</param>
/// <param name="ReservedAt">When it took its slot.</param>
internal sealed record RunningJob(Guid Id, JobPhase Phase, DateTimeOffset PhaseSince, DateTimeOffset ReservedAt);

/// <summary>A job that gave its slot back, for the status page.</summary>
/// <param name="Id">As in <see cref="RunningJob"/>.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="EndedAt">When the proof of cleanliness ended.</param>
/// <param name="Phases">How long each phase took, in order.</param>
internal sealed record EndedJob(Guid Id, JobOutcome Outcome, DateTimeOffset EndedAt, IReadOnlyList<PhaseDuration> Phases);

/// <summary>How long one phase of one job took.</summary>
internal readonly record struct PhaseDuration(JobPhase Phase, TimeSpan Duration);
