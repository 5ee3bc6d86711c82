using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Telemetry;

namespace MacRunners.Jobs;

/// <summary>How long the machine needed from its start until it took jobs for the first time: what a new virtual machine costs.</summary>
internal sealed partial class BootTime(JournalFile journal, IPlatform platform, DaemonMetrics metrics, TimeProvider time, ILogger<BootTime> logger)
{
    private bool _isOver = !journal.IsFirstOfBoot;

    /// <summary>The machine takes jobs. Only the first time since its start is measured.</summary>
    public void Ends()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        try
        {
            var took = time.GetUtcNow() - platform.Host.BootedAt();
            metrics.BootTook(took);
            Took(logger, took.TotalSeconds);
        }
        catch (IOException e)
        {
            NotMeasured(logger, e.Message);
        }
    }

    [LoggerMessage(1150, LogLevel.Information, "The machine takes jobs {Seconds:0} s after its start")]
    private static partial void Took(ILogger logger, double seconds);

    [LoggerMessage(1151, LogLevel.Warning, "How long the machine needed to start is unknown: {Error}")]
    private static partial void NotMeasured(ILogger logger, string error);
}
