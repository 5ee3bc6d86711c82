using MacRunners.Simulator.Bench.Figures;
using MacRunners.Simulator.Bench.Work;

namespace MacRunners.Simulator.Bench.Parts;

/// <summary>A full queue, with the daemon and in a loop without isolation, in alternating blocks.</summary>
internal sealed class Throughput(int noOpJobs, int longJobs, TimeSpan longCommand) : IBenchPart
{
    private const int Rounds = 2;
    private const double LeastPercent = 85;
    private const double MillisecondsPerHour = 3_600_000;
    private const double Percent = 100;

    /// <inheritdoc/>
    public string Key => "throughput";

    /// <inheritdoc/>
    public string Name => "a full queue, and a loop without isolation";

    /// <inheritdoc/>
    public async Task MeasureAsync(BenchMachine machine, FigureSheet sheet, Progress progress, CancellationToken cancellationToken)
    {
        await progress.SayAsync($"{Name}: {noOpJobs} no-op jobs");
        var noOps = await QueueAsync(machine, "true", noOpJobs, cancellationToken);
        var bareNoOps = await BareLoop.RunAsync(machine, "true", noOpJobs, cancellationToken);
        var (turns, bareTurns) = (Turns(noOps), Turns(bareNoOps));
        sheet.Begin("What users feel when the queue is full, one slot");
        sheet.Add("end_to_next_command_p50_ms", "agent ends → next command starts, median", turns.Median, "ms");
        sheet.Add("end_to_next_command_p95_ms", "agent ends → next command starts, p95", turns.P95, "ms");
        sheet.Add("bare_end_to_next_command_p50_ms", "the same agent in a loop without isolation, median", bareTurns.Median, "ms");

        var command = $"sleep {longCommand.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
        var (own, bare) = (new List<double>(), new List<double>());
        for (var round = 1; round <= Rounds; round++)
        {
            await progress.SayAsync($"{Name}: {longJobs} jobs of {longCommand.TotalSeconds} s each, round {round} of {Rounds}");
            own.Add(Period(await QueueAsync(machine, command, longJobs, cancellationToken)));
            bare.Add(Period(await BareLoop.RunAsync(machine, command, longJobs, cancellationToken)));
        }

        var (ownPeriod, barePeriod) = (own.Average(), bare.Average());
        var cost = Math.Max(0, ownPeriod - barePeriod);
        var length = $"jobs of {longCommand.TotalSeconds} s";
        sheet.Add("jobs_per_hour", $"{length}: jobs per hour", MillisecondsPerHour / ownPeriod, "");
        sheet.Add("bare_jobs_per_hour", $"{length}, loop without isolation: jobs per hour", MillisecondsPerHour / barePeriod, "");
        sheet.Add("throughput_percent", $"{length}: share of the loop's jobs per hour", Percent * barePeriod / ownPeriod, "%", Aim.AtLeast(LeastPercent));
        sheet.Add(
            "shortest_command_at_85_percent_s",
            "shortest command with which that share is 85 %",
            Math.Max(0, (cost * LeastPercent / (Percent - LeastPercent)) - (barePeriod - longCommand.TotalMilliseconds)) / 1000,
            "s");
        sheet.Add("noop_jobs_per_hour", "no-op jobs: jobs per hour", MillisecondsPerHour / Period(noOps), "");
        sheet.Add("bare_noop_jobs_per_hour", "no-op jobs, loop without isolation: jobs per hour", MillisecondsPerHour / Period(bareNoOps), "");
    }

    private static async Task<IReadOnlyList<(AgentSpan Agent, DateTimeOffset? CommandAt)>> QueueAsync(BenchMachine machine, string command, int count, CancellationToken cancellationToken)
    {
        var jobs = new List<JobTimes>();
        foreach (var job in Enumerable.Range(0, count).Select(_ => machine.Queue(command)).ToList())
        {
            jobs.Add(await machine.EndOfAsync(job, cancellationToken));
        }

        return [.. jobs.OrderBy(job => job.Agent.Began).Select(job => (job.Agent, job.CommandAt))];
    }

    /// <summary>Milliseconds from one agent's beginning to the next one's.</summary>
    private static double Period(IReadOnlyList<(AgentSpan Agent, DateTimeOffset? CommandAt)> jobs) =>
        (jobs[^1].Agent.Began - jobs[0].Agent.Began).TotalMilliseconds / (jobs.Count - 1);

    private static Samples Turns(IReadOnlyList<(AgentSpan Agent, DateTimeOffset? CommandAt)> jobs) =>
        new(jobs.Zip(jobs.Skip(1), (job, next) => (next.CommandAt!.Value - job.Agent.Ended).TotalMilliseconds));
}
