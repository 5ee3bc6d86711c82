using System.Globalization;
using MacRunners.Simulator.Bench.Figures;
using MacRunners.Simulator.Bench.Work;

namespace MacRunners.Simulator.Bench.Parts;

/// <summary>What a daemon without jobs costs, once it has run some; and how fast it starts.</summary>
internal sealed class Footprint(TimeSpan idle) : IBenchPart
{
    private const int Starts = 5;
    private const double MostMebibytes = 40;
    private const double MostPercent = 0.3;
    private const double MostMilliseconds = 300;
    private const double Percent = 100;

    // Of the times in /proc, on every architecture.
    private const double TicksPerSecond = 100;

    // Own and waited-for children's time of user and kernel, counted after the name, which may hold blanks.
    private static readonly Range Times = 11..15;

    /// <inheritdoc/>
    public string Key => "footprint";

    /// <inheritdoc/>
    public string Name => "footprint";

    /// <inheritdoc/>
    public async Task MeasureAsync(BenchMachine machine, FigureSheet sheet, Progress progress, CancellationToken cancellationToken)
    {
        await progress.SayAsync($"{Name}: {idle.TotalSeconds} s without jobs");
        var before = CpuSeconds(machine);
        var started = TimeProvider.System.GetTimestamp();
        await Task.Delay(idle, TimeProvider.System, cancellationToken);
        var cpu = (CpuSeconds(machine) - before) / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        sheet.Begin($"Footprint of the daemon without jobs, after it has run some ({idle.TotalSeconds} s)");
        sheet.Add("idle_rss_mib", "resident memory", machine.ResidentMebibytes(), "MiB", Aim.AtMost(MostMebibytes));
        sheet.Add("idle_cpu_percent", "CPU time, its programs' included, of one core", Percent * cpu, "%", Aim.AtMost(MostPercent));

        var starts = new List<double>();
        while (starts.Count < Starts)
        {
            await progress.SayAsync($"{Name}: start {starts.Count + 1} of {Starts}");
            await machine.StopAsync(cancellationToken);
            starts.Add(await machine.StartAsync(cancellationToken));
        }

        sheet.Add("fresh_rss_mib", "resident memory after a start and its self-test", machine.ResidentMebibytes(), "MiB");
        sheet.Add("start_to_first_poll_ms", $"start → first poll reaches Buildkite, median of {Starts}", new Samples(starts).Median, "ms", Aim.AtMost(MostMilliseconds));
    }

    private static double CpuSeconds(BenchMachine machine)
    {
        var stat = File.ReadAllText($"/proc/{machine.Trial.DaemonPid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[Times].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
