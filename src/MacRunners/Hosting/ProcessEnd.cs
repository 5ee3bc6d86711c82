namespace MacRunners.Hosting;

/// <inheritdoc/>
internal sealed class ProcessEnd : IProcessEnd
{
    private static readonly TimeSpan TimeToWrite = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public void End(int exitCode)
    {
        try
        {
            _ = Serilog.Log.CloseAndFlushAsync().AsTask().Wait(TimeToWrite);
        }
        finally
        {
            // A log that cannot be written keeps nothing.
            Environment.Exit(exitCode);
        }
    }
}
