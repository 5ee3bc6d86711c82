using System.CommandLine;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Soak.Schedules;

/// <summary>The verb <c>fault-schedules</c>.</summary>
internal static class FaultSchedulesCommand
{
    private const int MostSchedules = 10_000;
    private const int MostMachines = 4;
    private const int NumbersPerMachine = 10_000;

    public static Command Create()
    {
        var count = new Option<int>("--count") { Description = "Number of schedules.", DefaultValueFactory = _ => 200 };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostSchedules)
            {
                result.AddError($"--count lies between 1 and {MostSchedules}.");
            }
        });
        var seed = new Option<int?>("--seed") { Description = "Seed of the first schedule; none: a new one each time, which is printed." };
        var machines = new Option<int>("--machines") { Description = "How many machines run them beside each other; they mostly wait.", DefaultValueFactory = _ => MostMachines };
        machines.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostMachines)
            {
                result.AddError($"--machines lies between 1 and {MostMachines}.");
            }
        });
        var programs = new Option<DirectoryInfo>("--programs")
        {
            Description = "Folder with the published macrunners and macrunners-sim.",
            DefaultValueFactory = _ => new DirectoryInfo(AppContext.BaseDirectory),
        };
        var emulator = new Option<DirectoryInfo>("--emulator") { Description = "Folder with mac-emulator and libSystem.dylib.", Required = true };
        var command = new Command(
            "fault-schedules",
            "Run jobs on the macOS code over the emulator while its tools fail, hang, lie and die at random moments. "
            + "Needs root. Exit code 0: every schedule ended with a clean machine, or with one that says that it is dirty and why, and that becomes clean again.")
        {
            count, seed, machines, programs, emulator,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var trial = new TrialOptions { Programs = parsed.GetValue(programs)!.FullName, Emulator = parsed.GetValue(emulator)!.FullName };
            var options = new FaultSchedulesOptions(
                parsed.GetValue(count),
                parsed.GetValue(seed) ?? Random.Shared.Next(int.MaxValue - MostSchedules),
                [
                    .. Enumerable.Range(0, Math.Min(parsed.GetValue(machines), parsed.GetValue(count))).Select(index => trial with { UidMin = trial.UidMin + (index * NumbersPerMachine) }),
                ]);
            var output = parsed.InvocationConfiguration.Output;
            try
            {
                var run = new FaultSchedulesRun(options, output);
                var failed = await run.RunAsync(cancellationToken);
                await output.WriteLineAsync(failed.Count == 0
                    ? $"\nAll {options.Count} schedules ended as they should, {run.DirtyEnds} of them with a dirty machine that said so."
                    : $"\n{failed.Count} of {options.Count} schedules FAILED, seeds {string.Join(", ", failed)}.");
                return failed.Count == 0 ? 0 : 1;
            }
            catch (Exception exception) when (exception is InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"macrunners-sim fault-schedules: {exception.Message}");
                return 1;
            }
        });
        return command;
    }
}
