using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Bench;

/// <summary>How much a bench measures.</summary>
internal sealed record BenchOptions
{
    /// <summary>The parts to measure; empty: all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Number of no-op jobs, and of runs of the floor beside them.</summary>
    public int Jobs { get; init; } = 30;

    /// <summary>Number of jobs in each block that measures the throughput.</summary>
    public int LongJobs { get; init; } = 6;

    /// <summary>What the command of such a job takes.</summary>
    public TimeSpan LongCommand { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Number of jobs of the macOS code, without and with a slow directory service each.</summary>
    public int MacJobs { get; init; } = 10;

    /// <summary>Most files that a job leaves.</summary>
    public int Files { get; init; } = 500_000;

    /// <summary>Most processes that a job leaves.</summary>
    public int Processes { get; init; } = 1_000;

    /// <summary>How often each teardown is measured.</summary>
    public int Repeats { get; init; } = 5;

    /// <summary>How long the idle daemon is watched.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Clients that scrape at the same time.</summary>
    public int Clients { get; init; } = 50;

    /// <summary>Scrapes by each of them.</summary>
    public int ScrapesPerClient { get; init; } = 40;

    /// <summary>The machine. With an emulator the macOS code is measured too.</summary>
    public required TrialOptions Trial { get; init; }
}
