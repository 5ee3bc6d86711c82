using System.Text.Json.Nodes;
using MacRunners.Simulator.Bench.Figures;
using MacRunners.Simulator.Bench.Work;

namespace MacRunners.Simulator.Bench.Parts;

/// <summary>
/// What the macOS code costs where its commands are slow: how many of them a job takes, and what 100 ms more in each mean for a job.
/// The emulator's own speed says nothing about a Mac, so only the difference counts.
/// </summary>
internal sealed class MacCost(int count) : IBenchPart
{
    private const double MostCalls = 12;
    private const double MostMilliseconds = 1500;
    private const int DelayMs = 100;

    private static readonly string[] Tools = ["dscl", "dscacheutil", "dsmemberutil"];

    /// <inheritdoc/>
    public string Key => "macos";

    /// <inheritdoc/>
    public string Name => "the macOS code over the emulator";

    /// <inheritdoc/>
    public async Task MeasureAsync(BenchMachine machine, FigureSheet sheet, Progress progress, CancellationToken cancellationToken)
    {
        _ = await machine.RunAsync("true", cancellationToken);
        var calls = new List<double>();
        var quick = await RunAsync("", calls);
        Inject(machine, new JsonArray([.. Tools.Select(Slowness)]));
        var slow = await RunAsync($", {DelayMs} ms more in each", []);
        Inject(machine, []);

        sheet.Begin($"The directory service of macOS (emulated), {count} no-op jobs");
        sheet.Add("macos_directory_calls_per_job", $"runs of {string.Join(", ", Tools)} per job, median", new Samples(calls).Median, "", Aim.AtMost(MostCalls));
        sheet.Add("macos_overhead_p50_ms", "daemon's own time per job, median", quick.Median, "ms");
        sheet.Add("macos_slow_overhead_p50_ms", $"the same with {DelayMs} ms more in each of these runs", slow.Median, "ms");
        sheet.Add("macos_slow_cost_ms", "difference", slow.Median - quick.Median, "ms", Aim.AtMost(MostMilliseconds));

        async Task<Samples> RunAsync(string how, List<double> callsPerJob)
        {
            var overheads = new List<double>();
            while (overheads.Count < count)
            {
                var before = Calls(machine);
                overheads.Add((await machine.RunAsync("true", cancellationToken)).OverheadMs);

                // The health check's own are among them now and then, which is why the median counts.
                callsPerJob.Add(Calls(machine) - before);
                await progress.MaybeSayAsync($"{Name}{how}: {overheads.Count} of {count}");
            }

            return new Samples(overheads);
        }
    }

    // With every list a rule can have: the emulator takes what is missing for null.
    private static JsonNode Slowness(string tool) =>
        new JsonObject { ["tool"] = tool, ["delay_ms"] = DelayMs, ["uid_taken"] = new JsonArray(), ["stderr_noise"] = new JsonArray() };

    private static string EmulatorFile(BenchMachine machine, string name) => Path.Combine(machine.Trial.EmulatorRoot, ".emulator", name);

    private static int Calls(BenchMachine machine) => File.ReadLines(EmulatorFile(machine, "calls.jsonl"))
        .Count(line => Tools.Contains(JsonNode.Parse(line)?["tool"]?.GetValue<string>()));

    private static void Inject(BenchMachine machine, JsonArray faults)
    {
        var path = EmulatorFile(machine, "faults.json");
        File.WriteAllText(path + ".bench", faults.ToJsonString());
        File.SetUnixFileMode(path + ".bench", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(path + ".bench", path, overwrite: true);
    }
}
