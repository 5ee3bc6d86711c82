using MacRunners.Platform;
using MacRunners.Telemetry;

namespace MacRunners.Teardown;

/// <summary>
/// Empties the trash behind the jobs' backs, so that the next job does not wait for the last one's files. What resists again and again
/// is a job's file that is still on the machine, which is dirty then.
/// </summary>
internal sealed partial class TrashEmptier(
    IPlatform platform, Trash trash, SharedPlaces places, DirtyState dirty, DaemonMetrics metrics, TimeProvider time, ILogger<TrashEmptier> logger) : BackgroundService
{
    /// <summary>So often in a row it may fail, with <see cref="PauseAfterFailure"/> in between.</summary>
    public const int MostAttempts = 4;

    /// <summary>Until the next attempt, unless something is announced before.</summary>
    public static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        var counted = time.GetTimestamp();
        Task? announced = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var why = await EmptyAsync(stoppingToken);
                if (why is null)
                {
                    failures = 0;
                }
                else if (failures == 0 || time.GetElapsedTime(counted) >= PauseAfterFailure)
                {
                    // Those in between are for what was announced.
                    (failures, counted) = (failures + 1, time.GetTimestamp());
                }

                if (why is not null && failures >= MostAttempts && !dirty.IsDirty)
                {
                    dirty.Enter(null, $"the trash could not be emptied {failures} times in a row: {why}. {StuckTrash.Remedy}");
                }

                announced = announced is { IsCompleted: false } ? announced : trash.WaitUntilAnnouncedAsync(stoppingToken).AsTask();
                if (why is null)
                {
                    await announced;
                }
                else
                {
                    await announced.WaitAsync(PauseAfterFailure, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <returns>Why it is not empty; null when nothing resisted.</returns>
    private async Task<string?> EmptyAsync(CancellationToken stoppingToken)
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
            metrics.TrashStuck(trash.Stuck.Count);
            return trash.Stuck is { Count: > 0 } stuck ? $"{stuck.Count} entries stay, {stuck.Named}" : null;
        }
        catch (IOException e)
        {
            Failed(logger, e);
            return e.Message;
        }
    }

    [LoggerMessage(1211, LogLevel.Error, "The trash could not be emptied; trying again in 30 s")]
    private static partial void Failed(ILogger logger, Exception error);
}
