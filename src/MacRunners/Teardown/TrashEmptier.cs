using MacRunners.Platform;

namespace MacRunners.Teardown;

/// <summary>Empties the trash behind the jobs' backs, so that the next job does not wait for the last one's files.</summary>
internal sealed partial class TrashEmptier(IPlatform platform, Trash trash, SharedPlaces places, TimeProvider time, ILogger<TrashEmptier> logger) : BackgroundService
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // At the daemon's start this may come before the recovery, which makes it otherwise.
                trash.Prepare();

                // A thread of its own: removal blocks on the disk, for minutes when a job left millions of files.
                await Task.Factory.StartNew(
                    () =>
                    {
                        platform.Self.StandBack();
                        trash.Empty(places.OfTrash, stoppingToken);
                    },
                    stoppingToken,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default);
                _ = await trash.WaitUntilAnnouncedAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (IOException e)
            {
                Failed(logger, e);
                await Task.Delay(PauseAfterFailure, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(1211, LogLevel.Error, "The trash could not be emptied; trying again in 30 s")]
    private static partial void Failed(ILogger logger, Exception error);
}
