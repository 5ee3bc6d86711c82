using MacRunners.Telemetry;

namespace MacRunners.Jobs;

/// <summary>What became of a job.</summary>
/// <param name="Outcome">In one word.</param>
/// <param name="Why">For people: cause and, where something is to be done, the remedy; null when there is nothing to say.</param>
/// <param name="TellBuildkite">Whether the job must still be ended at Buildkite, because no agent will do it.</param>
/// <param name="IsMachinesFault">Whether this machine could not start it: another job would most likely fare no better here.</param>
internal sealed record JobVerdict(JobOutcome Outcome, string? Why = null, bool TellBuildkite = false, bool IsMachinesFault = false);
