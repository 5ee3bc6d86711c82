using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Soak;

/// <summary>What a soak is made of.</summary>
/// <param name="Jobs">Number of jobs.</param>
/// <param name="Slots">Jobs at the same time.</param>
/// <param name="Seed">Chooses the jobs and what goes wrong.</param>
/// <param name="Trial">The machine.</param>
internal sealed record SoakOptions(int Jobs, int Slots, int Seed, TrialOptions Trial);
