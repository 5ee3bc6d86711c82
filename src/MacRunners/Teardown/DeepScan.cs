using MacRunners.Accounts;
using MacRunners.Health;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Teardown;

/// <summary>
/// Looks through whole volumes, at times when no job wants the machine, for files with a number from the jobs' range: a place that
/// everybody can write to and that nobody told us of. It waits while jobs run, works for a limited time, and goes on next time where it
/// stopped. What it finds is removed, and said aloud: the place belongs into <see cref="TeardownOptions.SharedPlaces"/>.
/// </summary>
internal sealed partial class DeepScan(
    IPlatform platform,
    AccountRange range,
    JournalFile journal,
    Trash trash,
    IDispatcherStatus dispatcher,
    DaemonMetrics metrics,
    IOptions<TeardownOptions> options,
    IOptions<PathsOptions> paths,
    TimeProvider time,
    ILogger<DeepScan> logger) : BackgroundService
{
    private const int MaxDepth = 64;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    // With the trash in it. By number, as it may be seen under several paths.
    private FileStatus _state;

    // The volume and the names of the folders down to the last one that was looked through; empty at the beginning.
    private (int Volume, IReadOnlyList<FileName> Folders) _reached = (0, []);

    /// <summary>Looks from where the last one stopped, for <see cref="TeardownOptions.DeepScanBudget"/> at most.</summary>
    /// <returns>Whether the end was reached.</returns>
    public bool Run(CancellationToken cancellationToken)
    {
        using (var state = platform.Files.OpenDirectory(paths.Value.State))
        {
            _state = platform.Files.Stat(state);
        }

        var walk = new Budget(options.Value.DeepScanBudget, time, WaitForIdle, cancellationToken);
        var volumes = platform.Places.Volumes;
        for (var volume = _reached.Volume; volume < volumes.Count; volume++)
        {
            using var top = platform.Files.OpenDirectory(volumes[volume]);
            var path = new List<FileName>();
            if (!Walk(volumes[volume], top, platform.Files.Stat(top), path, _reached.Folders, walk))
            {
                _reached = (volume, path);
                return false;
            }

            _reached = (volume + 1, []);
        }

        _reached = (0, []);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.DeepScanInterval == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.DeepScanInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // A thread of its own, since its priority is lowered for good.
                await Task.Factory.StartNew(
                    () =>
                    {
                        platform.Self.StandBack();
                        WaitForIdle(stoppingToken);
                        var started = time.GetTimestamp();
                        var isWhole = Run(stoppingToken);
                        Looked(logger, time.GetElapsedTime(started).TotalSeconds, isWhole ? "all of it" : "to be continued");
                    },
                    stoppingToken,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(logger, e);
            }
        }
    }

    private void WaitForIdle(CancellationToken cancellationToken)
    {
        // Once a job has been seen, idle twice in a row: not in the moment between two jobs.
        for (var idle = dispatcher.RunningJobs.Count == 0 ? 2 : 0; idle < 2; idle = dispatcher.RunningJobs.Count == 0 ? idle + 1 : 0)
        {
            _ = cancellationToken.WaitHandle.WaitOne(Look);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <param name="shown">Path of the folder, for people and for a trash of its own.</param>
    /// <param name="folder">The open folder.</param>
    /// <param name="status">Its status.</param>
    /// <param name="path">Names down to it; at the end of the time those of the folder to go on with.</param>
    /// <param name="resume">Names to go on behind; empty: from the beginning.</param>
    /// <param name="budget">Time.</param>
    private bool Walk(string shown, SafeFileHandle folder, FileStatus status, List<FileName> path, IReadOnlyList<FileName> resume, Budget budget)
    {
        var names = platform.Files.List(folder).Order(ByBytes).ToList();
        foreach (var name in names)
        {
            if (budget.IsSpent())
            {
                return false;
            }

            var behind = resume.Count > path.Count ? ByBytes.Compare(name, resume[path.Count]) : 1;
            if (behind < 0 || Status(folder, name) is not { } entry)
            {
                continue;
            }

            var inner = $"{shown.TrimEnd('/')}/{name}";
            if (IsLeftover(entry.Uid))
            {
                Remove(shown, folder, status, name, inner);
            }
            else if (entry.Kind == FileKind.Directory && entry.Device == status.Device && path.Count < MaxDepth && !IsTrash(name, entry)
                && Open(folder, name) is { } opened)
            {
                using (opened)
                {
                    path.Add(name);
                    if (!Walk(inner, opened, entry, path, behind == 0 ? resume : [], budget))
                    {
                        return false;
                    }

                    path.RemoveAt(path.Count - 1);
                }
            }
        }

        return true;
    }

    private static Comparer<FileName> ByBytes { get; } = Comparer<FileName>.Create((one, other) => one.Bytes.SequenceCompareTo(other.Bytes));

    // Numbers that were never given out here are somebody else's, such as a container's.
    private bool IsLeftover(uint uid) => range.Contains(uid) && uid < journal.NextUid && !journal.OpenJobs().Any(life => life.Account?.Id == uid);

    private void Remove(string shown, SafeFileHandle folder, FileStatus status, FileName name, string path)
    {
        metrics.ResidueFound(ResidueKind.File, 1);
        Found(logger, path, shown);

        // Beside somebody else's file its owner could exchange the trash.
        if (status.Uid == 0)
        {
            trash.Take(shown, folder, name);
        }
    }

    private FileStatus? Status(SafeFileHandle folder, FileName name)
    {
        try
        {
            return platform.Files.Stat(folder, name);
        }
        catch (PosixException)
        {
            // Somebody's mount that shows itself to nobody else, or a damaged entry: not a job's file.
            return null;
        }
    }

    private bool IsTrash(FileName name, FileStatus entry) =>
        Trash.IsLocalTrash(name, entry) || (entry.Device, entry.Inode) == (_state.Device, _state.Inode);

    private SafeFileHandle? Open(SafeFileHandle folder, FileName name)
    {
        try
        {
            return platform.Files.OpenDirectory(folder, name);
        }
        catch (PosixException e) when (e.Error is PosixError.NotFound or PosixError.NotADirectory or PosixError.IsALink or PosixError.NotPermitted)
        {
            // Gone meanwhile, or protected even from root.
            return null;
        }
    }

    /// <summary>Time that is left; what jobs take of it does not count.</summary>
    private sealed class Budget(TimeSpan limit, TimeProvider time, Action<CancellationToken> waitForIdle, CancellationToken cancellationToken)
    {
        private const int EntriesPerLook = 200;
        private long _started = time.GetTimestamp();
        private TimeSpan _spent;
        private int _entries;

        public bool IsSpent()
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++_entries % EntriesPerLook == 0)
            {
                _spent += time.GetElapsedTime(_started);
                waitForIdle(cancellationToken);
                _started = time.GetTimestamp();
            }

            return _spent > limit;
        }
    }

    [LoggerMessage(1251, LogLevel.Warning, "{Path} has an owner from the jobs' range: an earlier job could write there. Removed if root owns {Folder}; add that folder to Teardown:SharedPlaces, or close it")]
    private static partial void Found(ILogger logger, string path, string folder);

    [LoggerMessage(1252, LogLevel.Information, "Looked through the volumes for files of earlier jobs in {Seconds:0} s ({Part})")]
    private static partial void Looked(ILogger logger, double seconds, string part);

    [LoggerMessage(1253, LogLevel.Error, "The look through the volumes ended early")]
    private static partial void Failed(ILogger logger, Exception error);
}
