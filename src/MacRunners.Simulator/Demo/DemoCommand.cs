using System.CommandLine;
using System.Diagnostics;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Demo;

/// <summary>The verb <c>demo</c>.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var programs = new Option<DirectoryInfo>("--programs")
        {
            Description = "Folder with the published macrunners and macrunners-sim.",
            DefaultValueFactory = _ => new DirectoryInfo(AppContext.BaseDirectory),
        };
        var emulator = new Option<DirectoryInfo?>("--emulator")
        {
            Description = "Folder with mac-emulator and libSystem.dylib: run the macOS code over the emulator.",
        };
        var agent = new Option<FileInfo?>("--agent") { Description = "A real buildkite-agent to use instead of the stub." };
        var keep = new Option<bool>("--keep") { Description = "Keep the folder with configuration, logs and journal." };
        var command = new Command("demo", "Run six jobs on a trial machine: local Buildkite, daemon as root, real accounts. Needs root. Exit code 0: all went as it should.")
        {
            programs, emulator, agent, keep,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new TrialOptions
            {
                Programs = parsed.GetValue(programs)!.FullName,
                Emulator = parsed.GetValue(emulator)?.FullName,
                Agent = parsed.GetValue(agent)?.FullName,
                Keep = parsed.GetValue(keep),
            };
            var output = parsed.InvocationConfiguration.Output;
            var started = Stopwatch.GetTimestamp();
            try
            {
                var good = await new DemoRun(options, output).RunAsync(cancellationToken);
                await output.WriteLineAsync($"\n{(good ? "All as it should be" : "The demo FAILED")} after {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s.");
                return good ? 0 : 1;
            }
            catch (Exception exception) when (exception is InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"macrunners-sim demo: {exception.Message}");
                return 1;
            }
        });
        return command;
    }
}
