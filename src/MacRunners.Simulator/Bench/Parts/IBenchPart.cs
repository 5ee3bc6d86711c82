using MacRunners.Simulator.Bench.Figures;
using MacRunners.Simulator.Bench.Work;

namespace MacRunners.Simulator.Bench.Parts;

/// <summary>Measures one thing on a machine whose daemon runs and is idle, and leaves it so.</summary>
internal interface IBenchPart
{
    /// <summary>What it is called where parts are chosen.</summary>
    string Key { get; }

    /// <summary>For people, while it is under way.</summary>
    string Name { get; }

    /// <summary>Measures.</summary>
    Task MeasureAsync(BenchMachine machine, FigureSheet sheet, Progress progress, CancellationToken cancellationToken);
}
