using MacRunners.Commands;

namespace MacRunners.Hosting;

/// <summary>Ends the process to have it started again, at a moment when nothing is being made or removed.</summary>
internal sealed partial class PlannedRestart(IProcessEnd process, ILogger<PlannedRestart> logger)
{
    // A client that does not read its answer is not waited for.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>Returns at once; the process ends when the signal comes, or soon without it.</summary>
    public void EndProcessAfter(CancellationToken signal) => _ = Task.Run(() => EndProcessAsync(signal), CancellationToken.None);

    private async Task EndProcessAsync(CancellationToken signal)
    {
        await Task.Delay(LongestWait, TimeProvider.System, signal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            Ending(logger, ExitCodes.Restart);
        }
        finally
        {
            process.End(ExitCodes.Restart);
        }
    }

    [LoggerMessage(1503, LogLevel.Information, "Ending with exit code {ExitCode} to be started again; running jobs go on")]
    private static partial void Ending(ILogger logger, int exitCode);
}
