using System.CommandLine;
using System.Diagnostics;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Soak;

/// <summary>The verb <c>soak</c>.</summary>
internal static class SoakCommand
{
    private const int MostJobs = 100_000;
    private const int MostSlots = 64;

    public static Command Create()
    {
        var jobs = Number("--jobs", "Number of jobs.", 500, MostJobs);
        var slots = Number("--slots", "Jobs at the same time.", 2, MostSlots);
        var seed = new Option<int?>("--seed") { Description = "Chooses the jobs and what goes wrong; none: a new one each time, which is printed." };
        var programs = new Option<DirectoryInfo>("--programs")
        {
            Description = "Folder with the published macrunners and macrunners-sim.",
            DefaultValueFactory = _ => new DirectoryInfo(AppContext.BaseDirectory),
        };
        var emulator = new Option<DirectoryInfo?>("--emulator")
        {
            Description = "Folder with mac-emulator and libSystem.dylib: run the macOS code over the emulator.",
        };
        var keep = new Option<bool>("--keep") { Description = "Keep the folder with configuration, logs and journal." };
        var command = new Command(
            "soak",
            "Run many mixed jobs on a trial machine while calls fail and the daemon is killed now and then, and show whether anything accumulates. "
            + "Needs root. Exit code 0: every job ended as its kind demands, nothing is left, the daemon did not grow.")
        {
            jobs, slots, seed, programs, emulator, keep,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new SoakOptions(
                parsed.GetValue(jobs),
                parsed.GetValue(slots),
                parsed.GetValue(seed) ?? Random.Shared.Next(),
                new TrialOptions
                {
                    Programs = parsed.GetValue(programs)!.FullName,
                    Emulator = parsed.GetValue(emulator)?.FullName,
                    Keep = parsed.GetValue(keep),
                });
            var output = parsed.InvocationConfiguration.Output;
            var started = Stopwatch.GetTimestamp();
            try
            {
                var good = await new SoakRun(options, output).RunAsync(cancellationToken);
                await output.WriteLineAsync(
                    $"\n{(good ? "All as it should be" : $"The soak FAILED (again with --jobs {options.Jobs} --slots {options.Slots} --seed {options.Seed})")} after {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s.");
                return good ? 0 : 1;
            }
            catch (Exception exception) when (exception is InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"macrunners-sim soak: {exception.Message}");
                return 1;
            }
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int value, int most)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 || result.GetValueOrDefault<int>() > most)
            {
                result.AddError($"{name} lies between 1 and {most}.");
            }
        });
        return option;
    }
}
