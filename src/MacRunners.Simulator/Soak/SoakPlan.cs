using MacRunners.Simulator.Faults;

namespace MacRunners.Simulator.Soak;

/// <summary>Everything that a soak does, chosen beforehand by its seed.</summary>
/// <param name="Jobs">The jobs, in the order in which they are queued.</param>
/// <param name="Disturbances">What goes wrong meanwhile, in the order in which it does.</param>
internal sealed record SoakPlan(IReadOnlyList<SoakJob> Jobs, IReadOnlyList<SoakDisturbance> Disturbances)
{
    private const int Variations = 10_000;
    private const int JobsPerFault = 4;
    private const int JobsPerKill = 50;
    private const int MostStrikes = 3;
    private const int LongestDelayMs = 1500;

    // All of these are repeated by who made the call, so none may cost a job.
    private static readonly string[] DaemonRoutes =
    [
        "/v3/stacks/*/scheduled-jobs", "/v3/stacks/*/scheduled-jobs/batch-reserve", "/v3/stacks/*/job-acquisition-tokens",
        "/v3/stacks/*/jobs/get-states", "/v3/stacks/**",
    ];

    private static readonly string[] AgentRoutes = ["/v3/jobs/*/acquire", "/v3/jobs/*/chunks", "/v3/jobs/*/finish", "/v3/heartbeat"];

    /// <summary>Makes the plan: every kind of job at least once, the rest by weight; the daemon is killed in the first half only, so that the second shows whether it grows.</summary>
    public static SoakPlan Create(int jobs, int seed)
    {
        var random = new Random(seed);
        var kinds = SoakKind.All.Concat(random.GetItems(Weighted(), Math.Max(0, jobs - SoakKind.All.Count))).Take(jobs).ToArray();
        random.Shuffle(kinds);
        var planned = kinds.Select(kind => new SoakJob(kind, random.Next(Variations))).ToList();
        var disturbances = new List<SoakDisturbance>();
        for (var after = JobsPerFault; after < jobs; after += JobsPerFault)
        {
            disturbances.Add(new SoakDisturbance(after, TimeSpan.Zero, Fault(random)));
        }

        var kills = Math.Max(1, jobs / JobsPerKill / 2);
        for (var kill = 0; kill < kills; kill++)
        {
            // At any moment of the lives of the jobs that are under way then.
            disturbances.Add(new SoakDisturbance((kill + 1) * jobs / 2 / (kills + 1), TimeSpan.FromMilliseconds(random.Next(LongestDelayMs)), null));
        }

        return new SoakPlan(planned, [.. disturbances.OrderBy(disturbance => disturbance.AfterJobs)]);
    }

    private static SoakKind[] Weighted() => [.. SoakKind.All.SelectMany(kind => Enumerable.Repeat(kind, kind.Weight))];

    private static FaultSpec Fault(Random random)
    {
        var isOfDaemon = random.Next(2) == 0;
        var routes = isOfDaemon ? DaemonRoutes : AgentRoutes;
        var spec = new FaultSpec { Route = routes[random.Next(routes.Length)], Count = 1 + random.Next(MostStrikes) };
        return random.Next(5) switch
        {
            0 => spec with { Status = StatusCodes.Status500InternalServerError },
            1 => spec with { Status = StatusCodes.Status503ServiceUnavailable, RetryAfter = 1 },
            2 => spec with { Status = StatusCodes.Status429TooManyRequests, RetryAfter = 1 },
            3 => spec with { Reset = true },
            _ => spec with { DelayMs = random.Next(LongestDelayMs) },
        };
    }
}

/// <summary>A job of the plan.</summary>
/// <param name="Kind">What sort it is.</param>
/// <param name="Number">Varies it.</param>
internal sealed record SoakJob(SoakKind Kind, int Number);

/// <summary>Something that goes wrong.</summary>
/// <param name="AfterJobs">When: so many jobs have ended.</param>
/// <param name="Delay">And so much time has passed since.</param>
/// <param name="Fault">Buildkite answers so; null: the daemon is killed (SIGKILL) and started again.</param>
internal sealed record SoakDisturbance(int AfterJobs, TimeSpan Delay, FaultSpec? Fault);
