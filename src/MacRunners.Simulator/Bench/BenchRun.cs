using MacRunners.Simulator.Bench.Figures;
using MacRunners.Simulator.Bench.Parts;
using MacRunners.Simulator.Bench.Work;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Bench;

/// <summary>Measures everything, part after part, on a Linux machine and then, over the emulator, what only macOS costs.</summary>
internal sealed class BenchRun(BenchOptions options, TextWriter output)
{
    private readonly FigureSheet _sheet = new();
    private readonly Progress _progress = new(output);

    /// <summary>Runs it, and shows the table.</summary>
    /// <returns>All figures.</returns>
    /// <exception cref="InvalidOperationException">A job failed, or something is left on the machine.</exception>
    public async Task<FigureSheet> RunAsync(CancellationToken cancellationToken)
    {
        var host = HostDescription.Of(TrialMachine.Parent);
        await output.WriteLineAsync($"MacRunners bench\n  {host}\n");
        try
        {
            await RunAsync(options.Trial with { Emulator = null }, LinuxParts(), cancellationToken);
            if (options.Trial.Emulator is not null)
            {
                await RunAsync(options.Trial, [new MacCost(options.MacJobs)], cancellationToken);
            }
        }
        finally
        {
            // After a fault too: what was measured before it may explain it.
            await output.WriteLineAsync($"\n{host}\n{string.Join('\n', _sheet.Table())}\n");
        }

        return _sheet;
    }

    private IReadOnlyList<IBenchPart> LinuxParts() =>
    [
        new NoOpJobs(options.Jobs),
        new Throughput(options.Jobs, options.LongJobs, options.LongCommand),
        new Footprint(options.Idle),
        new Scrapes(options.Clients, options.ScrapesPerClient),
        new TeardownTimes(options.Files, options.Processes, options.Repeats),
    ];

    private async Task RunAsync(TrialOptions trial, IReadOnlyList<IBenchPart> all, CancellationToken cancellationToken)
    {
        var parts = all.Where(part => options.Only.Count == 0 || options.Only.Contains(part.Key)).ToList();
        if (parts.Count == 0)
        {
            return;
        }

        await using var machine = await BenchMachine.CreateAsync(trial, cancellationToken);
        _ = await machine.StartAsync(cancellationToken);
        foreach (var part in parts)
        {
            await _progress.SayAsync(part.Name);
            await part.MeasureAsync(machine, _sheet, _progress, cancellationToken);
        }

        await machine.StopAsync(cancellationToken);
        if (machine.Trial.Leftovers() is { Count: > 0 } left)
        {
            throw machine.Fault($"Left on the machine: {string.Join(", ", left)}");
        }
    }
}
