using System.Text.Json.Nodes;

namespace MacRunners.Simulator.Soak.Schedules;

/// <summary>A few jobs, and what goes wrong in macOS's tools around them, chosen beforehand by a seed.</summary>
/// <param name="Seed">Chose it.</param>
/// <param name="Jobs">The jobs, in the order in which they are queued.</param>
/// <param name="Faults">What goes wrong, in the order in which it does.</param>
/// <param name="EndsByRestart">Whether a machine that takes no jobs afterwards is restarted; else it is swept.</param>
internal sealed record FaultSchedule(int Seed, IReadOnlyList<ScheduledJob> Jobs, IReadOnlyList<ScheduledFault> Faults, bool EndsByRestart)
{
    private const int MostJobs = 3;
    private const int MostFaults = 5;
    private const int Variations = 10_000;

    // Quick kinds only are frequent.
    private const int LeastWeight = 8;
    private const int LastStartMs = 1500;
    private const int LatestFaultMs = 2200;
    private const int LongestMs = 3000;
    private const int LatestCancellationMs = 2500;
    private const double ShareOfCancelled = 0.2;
    private const double ShareOfLasting = 0.15;
    private const double ShareOfRestarts = 0.25;

    /// <summary>Makes a schedule.</summary>
    /// <param name="seed">Chooses it.</param>
    /// <param name="firstUid">First number of the machine's accounts.</param>
    public static FaultSchedule Create(int seed, int firstUid)
    {
        var random = new Random(seed);
        var kinds = SoakKind.All.Where(kind => kind.Weight >= LeastWeight).ToArray();
        var faultKinds = MacFaultKind.All.SelectMany(kind => Enumerable.Repeat(kind, kind.Weight)).ToArray();
        var jobs = Enumerable.Range(0, 1 + random.Next(MostJobs)).Select(_ => new ScheduledJob(
            Milliseconds(random, LastStartMs),
            new SoakJob(kinds[random.Next(kinds.Length)], random.Next(Variations)),
            random.NextDouble() < ShareOfCancelled ? Milliseconds(random, LatestCancellationMs) : null)).ToList();
        var faults = Enumerable.Range(0, 1 + random.Next(MostFaults)).Select(_ =>
        {
            var kind = faultKinds[random.Next(faultKinds.Length)];
            return new ScheduledFault(
                kind.Name,
                Milliseconds(random, LatestFaultMs),
                random.NextDouble() < ShareOfLasting ? null : Milliseconds(random, LongestMs),
                kind.Rule(random, firstUid));
        }).ToList();
        return new FaultSchedule(
            seed, [.. jobs.OrderBy(job => job.At)], [.. faults.OrderBy(fault => fault.At)], random.NextDouble() < ShareOfRestarts);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{string.Join(", ", Jobs.Select(job => $"a job that {job.Job.Kind.Name}"))}; {string.Join(", ", Faults)}";

    private static TimeSpan Milliseconds(Random random, int most) => TimeSpan.FromMilliseconds(random.Next(most));
}

/// <summary>A job of a schedule.</summary>
/// <param name="At">When it is queued.</param>
/// <param name="Job">What it is.</param>
/// <param name="CancelledAfter">So long after that it is cancelled, whatever has become of it; null: it is not.</param>
internal sealed record ScheduledJob(TimeSpan At, SoakJob Job, TimeSpan? CancelledAfter);

/// <summary>Something that goes wrong for a while.</summary>
/// <param name="Name">For people.</param>
/// <param name="At">When it begins.</param>
/// <param name="Lasts">How long; null: until no job needs the directory any more.</param>
/// <param name="Rule">The emulator's rule.</param>
internal sealed record ScheduledFault(string Name, TimeSpan At, TimeSpan? Lasts, JsonObject Rule)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Rule["tool"]?.GetValue<string>() ?? "every tool"} {Rule["verb"]?.GetValue<string>()}: {Name} at {At.TotalMilliseconds:0} ms {(Lasts is { } time ? $"for {time.TotalMilliseconds:0} ms" : "to the end")}".Replace(" :", ":", StringComparison.Ordinal);
}
