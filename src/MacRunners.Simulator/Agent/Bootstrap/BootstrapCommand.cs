using System.Runtime.InteropServices;
using MacRunners.Simulator.Agent.Flags;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>
/// <c>buildkite-agent bootstrap</c>, the child in which the agent runs a job. The first signal cancels the job, the next one kills;
/// after a cancel it ends by the signal it got, so that the agent sees a signalled child.
/// </summary>
internal static class BootstrapCommand
{
    private static readonly (PosixSignal Posix, int Number)[] Handled =
    [
        (PosixSignal.SIGTERM, Signal.Terminate), (PosixSignal.SIGINT, Signal.Interrupt), (PosixSignal.SIGQUIT, Signal.Quit),
        (PosixSignal.SIGHUP, Signal.Hangup),
    ];

    public static async Task<int> RunAsync(string[] arguments, TimeProvider time)
    {
        var variables = HeldVariables.Release(Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? ""));
        var flags = FlagSet.Parse(BootstrapFlags.All, arguments, variables.GetValueOrDefault);
        var settings = BootstrapSettings.From(flags);
        using var cancelled = new CancellationTokenSource();
        var received = 0;
        var registrations = Handled.Select(signal => PosixSignalRegistration.Create(signal.Posix, context =>
        {
            context.Cancel = true;
            if (Interlocked.CompareExchange(ref received, signal.Number, 0) == 0)
            {
                cancelled.Cancel();
            }
            else
            {
                Signal.DieBy(signal.Number);
            }
        })).ToList();

        var executor = new JobExecutor(settings, variables, time);
        var exitCode = await executor.RunAsync(cancelled.Token);
        if (received != 0)
        {
            Signal.DieBy(received);
        }

        registrations.ForEach(r => r.Dispose());
        return exitCode & 0xff;
    }
}
