using System.CommandLine;
using System.Diagnostics;
using MacRunners.Simulator.Bench.Figures;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Bench;

/// <summary>The verb <c>bench</c>.</summary>
internal static class BenchCommand
{
    private const int MostJobs = 10_000;
    private const int MostFiles = 10_000_000;
    private const int MostProcesses = 1_900;
    private const int MostSeconds = 3_600;

    /// <summary>The verb with its options.</summary>
    public static Command Create()
    {
        var jobs = Number("--jobs", "Number of no-op jobs.", 2, 30, MostJobs);
        var files = Number("--files", "Most files that a job leaves.", 2, 500_000, MostFiles);
        var processes = Number("--processes", "Most processes that a job leaves.", 1, 1_000, MostProcesses);
        var idle = Number("--idle", "Seconds for which the idle daemon is watched.", 1, 60, MostSeconds);
        var only = new Option<string[]>("--only") { Description = "Parts to measure; default: all.", DefaultValueFactory = _ => [] };
        only.AcceptOnlyFromAmong("jobs", "throughput", "footprint", "scrapes", "teardown", "macos");
        var json = new Option<FileInfo?>("--json") { Description = "File for the figures as one flat object of numbers." };
        var markdown = new Option<FileInfo?>("--markdown") { Description = "File for the table as a document shows it." };
        var programs = new Option<DirectoryInfo>("--programs")
        {
            Description = "Folder with the published macrunners and macrunners-sim.",
            DefaultValueFactory = _ => new DirectoryInfo(AppContext.BaseDirectory),
        };
        var emulator = new Option<DirectoryInfo?>("--emulator")
        {
            Description = "Folder with mac-emulator and libSystem.dylib: measure the macOS code too.",
        };
        var keep = new Option<bool>("--keep") { Description = "Keep the folders with configuration, logs and journal." };
        var command = new Command(
            "bench",
            "Measure the daemon on a trial machine: its own time per job beside a bare useradd/userdel, what users feel, footprint, teardown. Needs root. "
            + "Each figure stands beside its aim. Exit code 0: everything was measured, whether or not the aims are met; 1: something went wrong.")
        {
            jobs, files, processes, idle, only, json, markdown, programs, emulator, keep,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new BenchOptions
            {
                Only = parsed.GetValue(only)!,
                Jobs = parsed.GetValue(jobs),
                Files = parsed.GetValue(files),
                Processes = parsed.GetValue(processes),
                Idle = TimeSpan.FromSeconds(parsed.GetValue(idle)),
                Trial = new TrialOptions
                {
                    Programs = parsed.GetValue(programs)!.FullName,
                    Emulator = parsed.GetValue(emulator)?.FullName,
                    Keep = parsed.GetValue(keep),
                },
            };
            var output = parsed.InvocationConfiguration.Output;
            var started = Stopwatch.GetTimestamp();
            try
            {
                var sheet = await new BenchRun(options, output).RunAsync(cancellationToken);
                await WriteAsync(parsed.GetValue(json), sheet.Json(), cancellationToken);
                await WriteAsync(parsed.GetValue(markdown), Document(sheet), cancellationToken);
                var (met, all) = sheet.Aims();
                await output.WriteLineAsync($"{met} of {all} aims met, after {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s.");
                return 0;
            }
            catch (Exception exception) when (exception is InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"macrunners-sim bench: {exception.Message}");
                return 1;
            }
        });
        return command;
    }

    private static string Document(FigureSheet sheet) =>
        $"Measured by `make bench` on {HostDescription.Of(TrialMachine.Parent)}:\n\n{string.Join('\n', sheet.Markdown())}\n";

    private static async Task WriteAsync(FileInfo? file, string content, CancellationToken cancellationToken)
    {
        if (file is not null)
        {
            file.Directory!.Create();
            await File.WriteAllTextAsync(file.FullName, content, cancellationToken);
        }
    }

    private static Option<int> Number(string name, string description, int least, int value, int most)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least || result.GetValueOrDefault<int>() > most)
            {
                result.AddError($"{name} lies between {least} and {most}.");
            }
        });
        return option;
    }
}
