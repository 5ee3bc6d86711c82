using MacRunners.Telemetry;

namespace MacRunners.Jobs;

/// <summary>What became of a job.</summary>
/// <param name="Outcome">In one word.</param>
/// <param name="Why">For people: cause and, where something is to be done, the remedy; null when there is nothing to say.</param>
/// <param name="TellBuildkite">Whether the job must still be ended at Buildkite, because no agent will do it.</param>
internal sealed record JobVerdict(JobOutcome Outcome, string? Why = null, bool TellBuildkite = false);
