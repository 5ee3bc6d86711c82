using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Soak.Schedules;

/// <summary>Which schedules are run.</summary>
/// <param name="Count">How many.</param>
/// <param name="FirstSeed">Seed of the first; each further one has the next number.</param>
/// <param name="Machines">The machines beside each other, each with an emulator and with numbers of its own.</param>
internal sealed record FaultSchedulesOptions(int Count, int FirstSeed, IReadOnlyList<TrialOptions> Machines);
