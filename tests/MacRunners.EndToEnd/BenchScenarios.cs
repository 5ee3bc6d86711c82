using System.Globalization;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Bench;
using MacRunners.Simulator.Trial;

namespace MacRunners.EndToEnd;

/// <summary>The bench measures everything it promises and cleans up after itself. The figures that count are those of <c>make bench</c>.</summary>
[Collection(AloneCollection.Name)]
public class BenchScenarios
{
    private static readonly string[] Promised =
    [
        "overhead_p50_ms", "overhead_p95_ms", "floor_p50_ms", "overhead_ratio", "idle_rss_mib", "idle_cpu_percent", "start_to_first_poll_ms",
        "teardown_files_ratio", "teardown_processes_ratio", "trash_vs_rm_ratio", "scrape_p99_ms", "scheduled_to_command_p50_ms",
        "scheduled_to_command_p95_ms", "end_to_next_command_p50_ms", "throughput_percent", "macos_directory_calls_per_job", "macos_slow_cost_ms",
        "phase_agent_start_p50_ms", "phase_prove_p95_ms",
    ];

    // What no machine does in no time.
    private static readonly string[] Positive =
        ["overhead_p50_ms", "floor_p50_ms", "idle_rss_mib", "start_to_first_poll_ms", "teardown_0_files_p50_ms", "macos_directory_calls_per_job", "jobs_per_hour"];

    [Fact]
    public async Task A_short_bench_tells_every_promised_figure_and_leaves_the_machine_clean()
    {
        using var uids = UidBlock.Take();
        var options = new BenchOptions
        {
            Jobs = 2,
            LongJobs = 2,
            LongCommand = TimeSpan.FromSeconds(1),
            MacJobs = 1,
            Files = 1000,
            Processes = 10,
            Repeats = 1,
            Idle = TimeSpan.FromSeconds(1),
            Clients = 4,
            ScrapesPerClient = 5,
            Trial = new TrialOptions { Programs = Published.Programs, Emulator = Published.Emulator, UidMin = uids.First },
        };
        await using var output = new StringWriter(CultureInfo.InvariantCulture);

        var sheet = await new BenchRun(options, output).RunAsync(TestContext.Current.CancellationToken);

        var figures = JsonNode.Parse(sheet.Json())!.AsObject().ToDictionary(figure => figure.Key, figure => figure.Value!.GetValue<double>());
        Assert.Empty(Promised.Except(figures.Keys));
        Assert.All(figures, figure => Assert.True(double.IsFinite(figure.Value), figure.Key));
        Assert.All(Positive, key => Assert.True(figures[key] > 0, key));
        Assert.All(Promised.Where(key => key.Contains("ratio", StringComparison.Ordinal)), key => Assert.True(figures[key] > 0, key));
        Assert.Contains("daemon : floor, medians", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, HostTraces.CountAccounts((uint)uids.First, (uint)uids.First + 9999));
        Assert.Equal(0, HostTraces.CountProcesses((uint)uids.First, (uint)uids.First + 9999));
    }
}
