using System.Text.RegularExpressions;
using MacRunners.Simulator.Bench.Figures;
using MacRunners.Simulator.Bench.Work;

namespace MacRunners.Simulator.Bench.Parts;

/// <summary>Jobs that do nothing, one at a time, each followed by a run of the floor: both see the same machine.</summary>
internal sealed partial class NoOpJobs(int count) : IBenchPart
{
    private const double MostTimesTheFloor = 2;

    /// <inheritdoc/>
    public string Key => "jobs";

    /// <inheritdoc/>
    public string Name => "no-op jobs, and the floor";

    /// <inheritdoc/>
    public async Task MeasureAsync(BenchMachine machine, FigureSheet sheet, Progress progress, CancellationToken cancellationToken)
    {
        var floor = new Floor(machine);
        var jobs = new List<JobTimes>();
        var floors = new List<FloorTimes>();

        // The first of each loads what is loaded on demand.
        _ = await machine.RunAsync("true", cancellationToken);
        _ = await floor.RunAsync("true", cancellationToken);
        while (jobs.Count < count)
        {
            floors.Add(await floor.RunAsync("true", cancellationToken));

            // At any moment between two polls.
            await Task.Delay(BenchMachine.PollInterval * Random.Shared.NextDouble(), TimeProvider.System, cancellationToken);
            jobs.Add(await machine.RunAsync("true", cancellationToken));
            await progress.MaybeSayAsync($"{Name}: {jobs.Count} of {count}");
        }

        Show(sheet, jobs, floors);
    }

    private static void Show(FigureSheet sheet, List<JobTimes> jobs, List<FloorTimes> floors)
    {
        var overhead = new Samples(jobs.Select(job => job.OverheadMs));
        var bare = new Samples(floors.Select(floor => floor.Overhead));
        sheet.Begin($"The daemon's own time per no-op job (all but queue wait and agent), {jobs.Count} jobs");
        sheet.Add("overhead_p50_ms", "daemon's own time per job, median", overhead.Median, "ms");
        sheet.Add("overhead_p95_ms", "daemon's own time per job, p95", overhead.P95, "ms");
        sheet.Add("floor_p50_ms", "floor: useradd -m, setpriv, pkill -KILL -U, userdel -r, median", bare.Median, "ms");
        sheet.Add("floor_p95_ms", "floor, p95", bare.P95, "ms");
        sheet.Add("overhead_ratio", "daemon : floor, medians", overhead.Median / bare.Median, "", Aim.AtMost(MostTimesTheFloor));
        Add(sheet, "agent", "the agent's own run, in neither", jobs.Select(job => job.Agent.Milliseconds));

        sheet.Begin("Phases of these jobs as the daemon reports them (a job that ends before the daemon has first looked, after 250 ms, has no \"run\")");
        foreach (var phase in JobTimes.Phases)
        {
            Add(sheet, $"phase_{SnakeCase(phase)}", Words(phase), jobs.Select(job => job.Ms(phase)));
        }

        sheet.Begin("The daemon's part of \"agent start\" and \"run\", and the steps of the floor");
        Add(sheet, "launch", "account made → agent's first instruction", jobs.Select(job => job.LaunchMs));
        Add(sheet, "leaving", "agent's last instruction → teardown begins", jobs.Select(job => job.LeavingMs));
        Add(sheet, "floor_useradd", "floor: useradd -m", floors.Select(floor => floor.UserAdd));
        Add(sheet, "floor_pkill", "floor: pkill -KILL -U", floors.Select(floor => floor.Kill));
        Add(sheet, "floor_userdel", "floor: userdel -r", floors.Select(floor => floor.UserDelete));

        sheet.Begin($"What users feel (poll interval {BenchMachine.PollInterval.TotalSeconds} s, the default)");
        Add(sheet, "scheduled_to_command", "scheduled → command starts, a slot is free", jobs.Select(CommandWait));
    }

    private static double CommandWait(JobTimes job) =>
        ((job.CommandAt ?? throw new InvalidOperationException("A job did not tell when its command began")) - job.ScheduledAt).TotalMilliseconds;

    private static void Add(FigureSheet sheet, string key, string title, IEnumerable<double> values)
    {
        var samples = new Samples(values);
        sheet.Add($"{key}_p50_ms", $"{title}, median", samples.Median, "ms");
        sheet.Add($"{key}_p95_ms", $"{title}, p95", samples.P95, "ms");
    }

    private static string Words(string phase) => Upper.Replace(phase, match => $" {match.Value.ToLowerInvariant()}");

    private static string SnakeCase(string phase) => Words(phase).Replace(' ', '_');

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Upper { get; }
}
