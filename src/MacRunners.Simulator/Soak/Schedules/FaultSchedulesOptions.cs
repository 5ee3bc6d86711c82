using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Soak.Schedules;

/// <summary>Which schedules are run.</summary>
/// <param name="Count">How many.</param>
/// <param name="FirstSeed">Seed of the first; each further one has the next number.</param>
/// <param name="Trial">The machine, with an emulator.</param>
internal sealed record FaultSchedulesOptions(int Count, int FirstSeed, TrialOptions Trial);
