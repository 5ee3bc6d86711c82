using System.Text.Json.Nodes;
using MacRunners.Simulator.Bench.Figures;
using MacRunners.Simulator.Bench.Work;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Bench.Parts;

/// <summary>
/// What the macOS code costs where its commands are slow: how many of them a job takes, and what 100 ms more in each mean for a job.
/// The emulator's own speed says nothing about a Mac, so only the difference counts; it takes its time for each command of a batch.
/// </summary>
internal sealed class MacCost(int count) : IBenchPart
{
    /// <summary>So many runs of the directory service's tools a job may cost.</summary>
    public const int MostCalls = 12;

    private const double MostMilliseconds = 1500;
    private const int DelayMs = 100;

    /// <inheritdoc/>
    public string Key => "macos";

    /// <inheritdoc/>
    public string Name => "the macOS code over the emulator";

    /// <inheritdoc/>
    public async Task MeasureAsync(BenchMachine machine, FigureSheet sheet, Progress progress, CancellationToken cancellationToken)
    {
        _ = await machine.RunAsync("true", cancellationToken);
        var mac = new EmulatedMac(machine.Trial.EmulatorRoot);
        var calls = new List<double>();
        var quick = await RunAsync("", calls);
        await mac.ChangeFaultsAsync(faults => EmulatedMac.DirectoryTools.ToList().ForEach(tool => faults.Add((JsonNode)Slowness(tool))), cancellationToken);
        var slow = await RunAsync($", {DelayMs} ms more in each", []);
        await mac.ClearFaultsAsync(cancellationToken);

        sheet.Begin($"The directory service of macOS (emulated), {count} no-op jobs");
        sheet.Add("macos_directory_calls_per_job", $"runs of {string.Join(", ", EmulatedMac.DirectoryTools)} per job, median", new Samples(calls).Median, "", Aim.AtMost(MostCalls));
        sheet.Add("macos_overhead_p50_ms", "daemon's own time per job, median", quick.Median, "ms");
        sheet.Add("macos_slow_overhead_p50_ms", $"the same with {DelayMs} ms more for each command of these runs", slow.Median, "ms");
        sheet.Add("macos_slow_cost_ms", "difference", slow.Median - quick.Median, "ms", Aim.AtMost(MostMilliseconds));

        async Task<Samples> RunAsync(string how, List<double> callsPerJob)
        {
            var overheads = new List<double>();
            while (overheads.Count < count)
            {
                var before = mac.CountCalls(EmulatedMac.DirectoryTools);
                overheads.Add((await machine.RunAsync("true", cancellationToken)).OverheadMs);

                // The health check's own are among them now and then, which is why the median counts.
                callsPerJob.Add(mac.CountCalls(EmulatedMac.DirectoryTools) - before);
                await progress.MaybeSayAsync($"{Name}{how}: {overheads.Count} of {count}");
            }

            return new Samples(overheads);
        }
    }

    private static JsonObject Slowness(string tool)
    {
        var rule = EmulatedMac.Rule(tool);
        rule["delay_ms"] = DelayMs;
        return rule;
    }
}
