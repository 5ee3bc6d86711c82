using System.Diagnostics;
using MacRunners.Simulator.Bench.Figures;
using MacRunners.Simulator.Bench.Work;

namespace MacRunners.Simulator.Bench.Parts;

/// <summary>The way from the agent's end to a free slot, after jobs that leave files or processes; and how fast the trash is emptied behind.</summary>
internal sealed class TeardownTimes(int files, int processes, int repeats) : IBenchPart
{
    private const double MostTimesEmpty = 1.5;
    private const double MostTimesWithoutProcesses = 10;
    private const double MostTimesRemove = 1.5;
    private const int FilesPerFolder = 1000;

    // Large trees take minutes.
    private const int MostRepeatsOfLargest = 3;

    private const string MakeFiles = """
        make() { for folder in $(seq "$2"); do mkdir -p "$1/$folder"; (cd "$1/$folder" && seq "$3" | xargs touch); done; }
        """;

    /// <inheritdoc/>
    public string Key => "teardown";

    /// <inheritdoc/>
    public string Name => "teardown";

    /// <inheritdoc/>
    public async Task MeasureAsync(BenchMachine machine, FigureSheet sheet, Progress progress, CancellationToken cancellationToken)
    {
        sheet.Begin("Teardown, from the agent's end to the free slot: kill, sweep, delete, prove");
        var trash = new List<double>();
        var remove = new List<double>();
        int[] fileCounts = [0, Math.Max(1, files / 500), Math.Max(2, files / 5), files];
        var byFiles = fileCounts.Distinct().ToDictionary(count => count, _ => new List<double>());
        for (var repeat = 1; repeat <= repeats; repeat++)
        {
            foreach (var (count, times) in byFiles)
            {
                if (count == files && repeat > MostRepeatsOfLargest)
                {
                    continue;
                }

                await progress.SayAsync($"{Name}: {count} files, {repeat} of {repeats}");
                var emptying = EmptyingAsync(machine, cancellationToken);
                times.Add((await machine.RunAsync(count == 0 ? "true" : $"{MakeFiles}{Make("\"$HOME/many\"", count)}", cancellationToken)).TeardownMs);
                var took = await emptying;
                if (count == files)
                {
                    trash.Add(took.TotalSeconds);
                    await progress.SayAsync($"{Name}: rm -rf of as many, {repeat} of {repeats}");
                    remove.Add(await RemoveAsync(machine, cancellationToken));
                }
            }
        }

        var byProcesses = await ProcessesAsync(machine, progress, cancellationToken);
        foreach (var (count, times) in byFiles)
        {
            sheet.Add($"teardown_{count}_files_p50_ms", count == 0 ? "empty home, median" : $"{count:#,0} files in the home, median", new Samples(times).Median, "ms");
        }

        sheet.Add("teardown_files_ratio", $"{files:#,0} files : empty home", Ratio(byFiles[files], byFiles[0]), "", Aim.AtMost(MostTimesEmpty));
        foreach (var (count, times) in byProcesses)
        {
            sheet.Add($"teardown_{count}_processes_p50_ms", $"{count:#,0} live processes, median", new Samples(times).Median, "ms");
        }

        sheet.Add("teardown_processes_ratio", $"{processes:#,0} processes : none", Ratio(byProcesses[processes], byProcesses[0]), "", Aim.AtMost(MostTimesWithoutProcesses));
        sheet.Begin($"Emptying the trash behind the jobs, {files:#,0} files");
        sheet.Add("trash_files_per_s", "the daemon: files per second", files / new Samples(trash).Median, "");
        sheet.Add("rm_files_per_s", "rm -rf of an equal tree: files per second", files / new Samples(remove).Median, "");
        sheet.Add("trash_vs_rm_ratio", "time of the daemon : time of rm -rf", Ratio(trash, remove), "", Aim.AtMost(MostTimesRemove));
    }

    private async Task<Dictionary<int, List<double>>> ProcessesAsync(BenchMachine machine, Progress progress, CancellationToken cancellationToken)
    {
        int[] counts = [0, Math.Max(1, processes / 10), processes];
        var byProcesses = counts.Distinct().ToDictionary(count => count, _ => new List<double>());
        for (var repeat = 1; repeat <= repeats; repeat++)
        {
            foreach (var (count, times) in byProcesses)
            {
                await progress.SayAsync($"{Name}: {count} processes, {repeat} of {repeats}");
                times.Add((await machine.RunAsync($"for i in $(seq {count}); do setsid sleep 600 </dev/null >/dev/null 2>&1 & done; sleep 1", cancellationToken)).TeardownMs);
            }
        }

        return byProcesses;
    }

    /// <summary>How long it takes from the move of the next home into the trash until nothing is there any more.</summary>
    private static async Task<TimeSpan> EmptyingAsync(BenchMachine machine, CancellationToken cancellationToken)
    {
        await machine.UntilAsync(machine.HasHomes, "a home", cancellationToken);
        await machine.UntilAsync(() => !machine.HasHomes(), "a home in the trash", cancellationToken);
        var began = Stopwatch.GetTimestamp();
        await machine.UntilAsync(machine.IsTrashEmpty, "an empty trash", cancellationToken);
        return Stopwatch.GetElapsedTime(began);
    }

    private async Task<double> RemoveAsync(BenchMachine machine, CancellationToken cancellationToken)
    {
        var tree = Path.Combine(machine.FolderFor("tree"), "many");
        var output = await BashScript.RunAsync(
            $"{MakeFiles}{Make("\"$1\"", files)}; began=$EPOCHREALTIME; rm -rf -- \"$1\"; echo \"$began $EPOCHREALTIME\"",
            [tree],
            machine.AgentEnvironment("/", "root"),
            cancellationToken);
        var times = output.Split(' ', '\n');
        return (AgentSpan.Time(times[1]) - AgentSpan.Time(times[0])).TotalSeconds;
    }

    private static string Make(string folder, int count) =>
        $"\nmake {folder} {Math.Max(1, count / FilesPerFolder)} {Math.Min(count, FilesPerFolder)}";

    private static double Ratio(IEnumerable<double> times, IEnumerable<double> to) => new Samples(times).Median / new Samples(to).Median;
}
