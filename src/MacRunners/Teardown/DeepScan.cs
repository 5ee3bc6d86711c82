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
/// everybody can write to and that nobody told us of. It stops when a job comes, works for a limited time, and goes on where it
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

    // The volume, and the names down to the entry to go on with; empty at the beginning.
    private (int Volume, IReadOnlyList<FileName> Names) _reached = (0, []);

    // Of the present look, which jobs may interrupt.
    private Budget? _budget;

    /// <summary>Looks from where the last one stopped, until a job comes, for <see cref="TeardownOptions.DeepScanBudget"/> at most.</summary>
    public DeepScanEnd Run(CancellationToken cancellationToken)
    {
        using (var state = platform.Files.OpenDirectory(paths.Value.State))
        {
            _state = platform.Files.Stat(state);
        }

        _budget ??= new Budget(options.Value.DeepScanBudget, time, dispatcher);
        _budget.GoOn();
        var volumes = platform.Places.Volumes;
        for (var volume = _reached.Volume; volume < volumes.Count; volume++)
        {
            using var top = platform.Files.OpenDirectory(volumes[volume]);
            var names = new List<FileName>();
            if (Walk(volumes[volume], volumes[volume], top, platform.Files.Stat(top), names, _reached.Names, _budget, cancellationToken) is { } end)
            {
                _reached = (volume, names);
                _budget = end == DeepScanEnd.JobCame ? _budget : null;
                return end;
            }

            _reached = (volume + 1, []);
        }

        _reached = (0, []);
        _budget = null;
        return DeepScanEnd.Whole;
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
                var end = DeepScanEnd.JobCame;
                while (end == DeepScanEnd.JobCame)
                {
                    await UntilIdleAsync(stoppingToken);
                    end = await OnAThreadOfItsOwnAsync(stoppingToken);
                }

                Looked(logger, end == DeepScanEnd.Whole ? "to their end" : "for as long as they may be; to be continued");
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _budget = null;
                Failed(logger, e);
            }
        }
    }

    // Its priority is lowered for good.
    private Task<DeepScanEnd> OnAThreadOfItsOwnAsync(CancellationToken cancellationToken) => Task.Factory.StartNew(
        () =>
        {
            platform.Self.StandBack();
            try
            {
                return Run(cancellationToken);
            }
            finally
            {
                trash.Announce();
            }
        },
        cancellationToken,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private async Task UntilIdleAsync(CancellationToken cancellationToken)
    {
        // Once a job has been seen, idle twice in a row: not in the moment between two jobs.
        for (var idle = dispatcher.RunningJobs.Count == 0 ? 2 : 0; idle < 2; idle = dispatcher.RunningJobs.Count == 0 ? idle + 1 : 0)
        {
            await Task.Delay(Look, time, cancellationToken);
        }
    }

    /// <param name="volume">Top of the volume, where a trash of its own can be.</param>
    /// <param name="shown">Path of the folder, for people.</param>
    /// <param name="folder">The open folder.</param>
    /// <param name="status">Its status.</param>
    /// <param name="names">Names down to it; at an early end those of the entry to go on with.</param>
    /// <param name="resume">Names of the entry to go on with; empty: from the beginning.</param>
    /// <param name="budget">Time.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <returns>Why it ended early; null when it did not.</returns>
    private DeepScanEnd? Walk(
        string volume, string shown, SafeFileHandle folder, FileStatus status, List<FileName> names, IReadOnlyList<FileName> resume, Budget budget, CancellationToken cancellationToken)
    {
        foreach (var name in platform.Files.List(folder).Order(ByBytes).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var order = resume.Count > names.Count ? ByBytes.Compare(name, resume[names.Count]) : 1;
            if (order < 0)
            {
                continue;
            }

            names.Add(name);
            if (budget.End() is { } end)
            {
                return end;
            }

            if (Status(folder, name) is { } entry)
            {
                var inner = $"{shown.TrimEnd('/')}/{name}";
                if (IsLeftover(entry.Uid))
                {
                    Remove(volume, shown, folder, status, name, inner);
                }
                else if (entry.Kind == FileKind.Directory && entry.Device == status.Device && names.Count <= MaxDepth && !IsTrash(name, entry)
                    && Open(folder, name) is { } opened)
                {
                    using (opened)
                    {
                        if (Walk(volume, inner, opened, entry, names, order == 0 ? resume : [], budget, cancellationToken) is { } early)
                        {
                            return early;
                        }
                    }
                }
            }

            names.RemoveAt(names.Count - 1);
        }

        return null;
    }

    private static Comparer<FileName> ByBytes { get; } = Comparer<FileName>.Create((one, other) => one.Bytes.SequenceCompareTo(other.Bytes));

    // Numbers that were never given out here are somebody else's, such as a container's.
    private bool IsLeftover(uint uid) => range.Contains(uid) && uid < journal.NextUid && !journal.OpenJobs().Any(life => life.Account?.Id == uid);

    private void Remove(string volume, string shown, SafeFileHandle folder, FileStatus status, FileName name, string path)
    {
        metrics.ResidueFound(ResidueKind.File, 1);
        Found(logger, path, shown);

        // Beside somebody else's file its owner could exchange the trash.
        if (status.Uid == 0)
        {
            try
            {
                trash.Take(volume, folder, name);
            }
            catch (PosixException e)
            {
                // A mount of the same file system elsewhere, read-only, …: what lies behind it is looked at all the same.
                Stays(logger, path, e.Message);
            }
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

    /// <summary>Time that is left of one look.</summary>
    private sealed class Budget(TimeSpan limit, TimeProvider time, IDispatcherStatus dispatcher)
    {
        private const int EntriesPerLook = 200;
        private long _since;
        private TimeSpan _spent;
        private int _entries;

        /// <summary>From now on time is spent.</summary>
        public void GoOn() => _since = time.GetTimestamp();

        /// <summary>Before each entry: whether, and why, to stop.</summary>
        public DeepScanEnd? End()
        {
            if (++_entries % EntriesPerLook != 0)
            {
                return null;
            }

            _spent += time.GetElapsedTime(_since);
            GoOn();
            return _spent > limit ? DeepScanEnd.OutOfTime : dispatcher.RunningJobs.Count > 0 ? DeepScanEnd.JobCame : null;
        }
    }

    [LoggerMessage(1251, LogLevel.Warning, "{Path} has an owner from the jobs' range: an earlier job could write there. Removed if root owns {Folder}; add that folder to Teardown:SharedPlaces, or close it")]
    private static partial void Found(ILogger logger, string path, string folder);

    [LoggerMessage(1254, LogLevel.Error, "{Path} cannot be moved to the trash and stays: {Why}")]
    private static partial void Stays(ILogger logger, string path, string why);

    [LoggerMessage(1252, LogLevel.Information, "Looked through the volumes for files of earlier jobs, {HowFar}")]
    private static partial void Looked(ILogger logger, string howFar);

    [LoggerMessage(1253, LogLevel.Error, "The look through the volumes ended early")]
    private static partial void Failed(ILogger logger, Exception error);
}

/// <summary>Why a look through the volumes ended.</summary>
internal enum DeepScanEnd
{
    /// <summary>All was looked at.</summary>
    Whole,

    /// <summary>Its time was over; the next one goes on behind.</summary>
    OutOfTime,

    /// <summary>A job wants the machine.</summary>
    JobCame,
}
