using System.Collections.Concurrent;
using System.Diagnostics;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Soak.Schedules;

/// <summary>
/// Runs many schedules on a few machines, on each of them one after another: what one leaves behind would show in the next.
/// </summary>
internal sealed class FaultSchedulesRun(FaultSchedulesOptions options, TextWriter output)
{
    private const int ShownLines = 60;
    private const int ShownReason = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentBag<int> _failed = [];
    private int _begun;
    private int _dirtyEnds;

    /// <summary>How many ended with a dirty machine that said so.</summary>
    public int DirtyEnds => _dirtyEnds;

    /// <summary>Runs them. A machine after a schedule that failed is not trusted any more, and the rest get a new one.</summary>
    /// <returns>Seeds of the schedules that did not end as they should.</returns>
    public async Task<IReadOnlyList<int>> RunAsync(CancellationToken cancellationToken)
    {
        await output.WriteLineAsync($"{options.Count} fault schedules for the macOS code over the emulator, seeds {options.FirstSeed} to {options.FirstSeed + options.Count - 1}\n");
        await Task.WhenAll(options.Machines.Select(trial => Task.Run(() => ServeAsync(trial, cancellationToken), cancellationToken)));
        return [.. _failed.Order()];
    }

    private async Task ServeAsync(TrialOptions trial, CancellationToken cancellationToken)
    {
        var last = options.FirstSeed;
        for (var seed = NextSeed(); seed is not null;)
        {
            await using var machine = await TrialMachine.CreateAsync(trial with { Settings = Settings(trial) }, cancellationToken);
            await machine.StartDaemonAsync(cancellationToken);
            var isSound = true;
            while (isSound && seed is { } present)
            {
                last = present;
                isSound = await RunAsync(machine, present, cancellationToken);
                seed = NextSeed();
            }

            if (isSound && await machine.StopDaemonAsync(cancellationToken) is var exitCode and not 0)
            {
                await output.WriteLineAsync($"  FAILED: the daemon ended with {exitCode} after SIGTERM");
                _failed.Add(last);
            }
        }
    }

    private int? NextSeed() => Interlocked.Increment(ref _begun) is var begun && begun <= options.Count ? options.FirstSeed + begun - 1 : null;

    private async Task<bool> RunAsync(TrialMachine machine, int seed, CancellationToken cancellationToken)
    {
        var schedule = FaultSchedule.Create(seed, (int)machine.Uids.First);
        var run = new FaultScheduleRun(machine, schedule, Patience);
        var started = Stopwatch.GetTimestamp();
        try
        {
            await run.RunAsync(cancellationToken);
            _ = Interlocked.Add(ref _dirtyEnds, run.DirtyBecause is null ? 0 : 1);
            await output.WriteLineAsync(
                $"  seed {seed}, {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s: {schedule}: {(run.DirtyBecause is { } why ? $"dirty, because {why[..Math.Min(why.Length, ShownReason)]}" : "clean")}");
            return true;
        }
        catch (ScheduleFailedException e)
        {
            _failed.Add(seed);
            await output.WriteLineAsync($"""
                  seed {seed}: {schedule}: FAILED: {e.Message}
                  again with: make fault-schedules SCHEDULES=1 SEED={seed}
                  The daemon's last lines:
                {string.Join('\n', File.ReadLines(machine.ConsoleLog).TakeLast(ShownLines))}
                """);
            return false;
        }
    }

    // Limits at which a test need not wait long for what hangs.
    private static Dictionary<string, string> Settings(TrialOptions trial) => new(trial.Settings)
    {
        ["Jobs:Slots"] = "3",
        ["Jobs:Timeout"] = "00:00:30",
        ["Jobs:StartDeadline"] = "00:00:40",
        ["Jobs:CancelGrace"] = "00:00:02",
        ["Jobs:DirectoryTimeout"] = "00:00:03",
        ["Jobs:TeardownBudget"] = "00:00:12",
        ["Jobs:KillBudget"] = "00:00:10",
        ["Jobs:CanaryInterval"] = "00:00:00",
        ["Buildkite:PollInterval"] = "00:00:00.2",
        ["Buildkite:BusyPollInterval"] = "00:00:01",
        ["Jobs:StateCheckInterval"] = "00:00:00.3",
        ["Buildkite:Reservation"] = "00:01:20",
    };
}
