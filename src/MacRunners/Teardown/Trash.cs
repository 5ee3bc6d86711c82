using System.Threading.Channels;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Teardown;

/// <summary>
/// A root-only folder into which whole trees are renamed: constant time, and from then on no process of a job reaches
/// them by path. Emptied behind, see <see cref="TrashEmptier"/>. A place on another file system gets a trash of its own.
/// </summary>
internal sealed partial class Trash(IFileCalls files, IOptions<PathsOptions> paths, ILogger<Trash> logger)
{
    /// <summary>Name of the trash inside <c>Paths:State</c>.</summary>
    public const string FolderName = "trash";

    // Made by root in a sticky folder, so no job can replace it; one that a job made in advance is known by its owner.
    private const string LocalPrefix = ".macrunners-trash-";

    // An accomplice of the job may move the entry away and back all the time.
    private const int MostMisses = 1000;

    private const UnixFileMode RootOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Of what is stuck, so many are named.
    private const int MostNamed = 10;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    // One signal is enough, however much came in.
    private readonly Channel<bool> _filled = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Lock _emptying = new();

    // An emptied local trash is removed, so nobody may be about to use it.
    private readonly Lock _localTrash = new();
    private readonly Dictionary<string, FileName> _localNames = [];
    private long _counter;
    private volatile bool _isPrepared;

    private string Main => Path.Combine(paths.Value.State, FolderName);

    /// <summary>What resisted when everything was last to be emptied.</summary>
    public StuckTrash Stuck { get; private set; } = new(0, "");

    /// <summary>Entries that wait in the main trash, counted up to <paramref name="most"/>.</summary>
    /// <exception cref="PosixException">It cannot be looked at.</exception>
    public int CountWaiting(int most)
    {
        try
        {
            using var main = files.OpenDirectory(Main);
            return files.List(main, most).Count;
        }
        catch (PosixException e) when (e.Error is PosixError.NotFound && !_isPrepared)
        {
            // The daemon's first start on this machine, in its first moment.
            return 0;
        }
    }

    /// <summary>Makes the main trash where it is missing.</summary>
    public void Prepare()
    {
        _ = Directory.CreateDirectory(Main, RootOnly);
        _isPrepared = true;
    }

    /// <summary>Whether an entry of a shared place is one of our own trash folders.</summary>
    public static bool IsLocalTrash(FileName name, FileStatus status) =>
        status is { Kind: FileKind.Directory, Uid: 0 } && name.Bytes.StartsWith(System.Text.Encoding.ASCII.GetBytes(LocalPrefix));

    /// <summary>Moves an entry of an open directory into the trash.</summary>
    /// <param name="place">Absolute path of a root-owned folder on the entry's file system, for a local trash.</param>
    /// <param name="parent">The entry's directory.</param>
    /// <param name="name">The entry.</param>
    /// <exception cref="PosixException">It cannot be moved.</exception>
    public void Take(string place, SafeFileHandle parent, FileName name)
    {
        if (files.Stat(parent, name) is { HasFlags: true } seen)
        {
            files.ClearFlags(parent, name, seen);
        }

        using var main = files.OpenDirectory(Main);
        try
        {
            TakeInto(main, parent, name);
        }
        catch (PosixException e) when (e.Error == PosixError.OtherDevice)
        {
            lock (_localTrash)
            {
                using var local = OpenLocal(place);
                TakeInto(local, parent, name);
            }
        }
    }

    /// <summary>Has it emptied behind. To be called when whoever filled it has done what others wait for.</summary>
    public void Announce() => _ = _filled.Writer.TryWrite(true);

    /// <summary>Waits for the next <see cref="Announce"/>.</summary>
    public ValueTask<bool> WaitUntilAnnouncedAsync(CancellationToken cancellationToken) => _filled.Reader.ReadAsync(cancellationToken);

    /// <summary>Empties every trash, or waits until somebody else has. What resists is logged, stays, and is counted in <see cref="Stuck"/>.</summary>
    /// <param name="places">Where a local one may be, see <see cref="SharedPlaces.OfTrash"/>.</param>
    /// <param name="cancellationToken">Stops between two entries.</param>
    public void Empty(IEnumerable<string> places, CancellationToken cancellationToken)
    {
        while (!_emptying.TryEnter(Look))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        try
        {
            var stuck = new List<string>();
            using (var main = files.OpenDirectory(Main))
            {
                TreeRemoval.Empty(files, main, ReportStuck, cancellationToken);
            }

            foreach (var place in places.Union(PlacesUsed()))
            {
                EmptyLocal(place, ReportStuck, cancellationToken);
            }

            Stuck = new StuckTrash(stuck.Count, string.Join("; ", stuck.Take(MostNamed)));

            void ReportStuck(FileName name, PosixException why)
            {
                StaysThere(logger, name.ToString(), why.Message);
                stuck.Add($"{name}: {why.Message}");
            }
        }
        finally
        {
            _emptying.Exit();
        }
    }

    private string[] PlacesUsed()
    {
        lock (_localTrash)
        {
            return [.. _localNames.Keys];
        }
    }

    private void TakeInto(SafeFileHandle trash, SafeFileHandle parent, FileName name)
    {
        for (var misses = 0; ;)
        {
            try
            {
                files.Rename(parent, name, trash, $"{Interlocked.Increment(ref _counter):x}-{Random.Shared.Next():x8}");
                return;
            }
            catch (PosixException e) when (e.Error == PosixError.NotFound && misses++ < MostMisses)
            {
                if (files.Stat(parent, name) is null)
                {
                    // Another job, which may write in the same folder, was faster.
                    return;
                }
            }
            catch (PosixException e) when (e.Error == PosixError.Exists)
            {
                // Left by an earlier daemon: the next name.
            }
            catch (PosixException e) when (e.Error == PosixError.NotPermitted && files.Stat(parent, name) is { } seen)
            {
                // Immutable or append-only, which only root can have set on this platform.
                files.ClearFlags(parent, name, seen);
                files.Rename(parent, name, trash, $"{Interlocked.Increment(ref _counter):x}-{Random.Shared.Next():x8}");
                return;
            }
        }
    }

    private SafeFileHandle OpenLocal(string place)
    {
        using var parent = files.OpenDirectory(place);
        if (_localNames.TryGetValue(place, out var known) && files.Stat(parent, known) is { } still && IsLocalTrash(known, still))
        {
            return files.OpenDirectory(parent, known);
        }

        foreach (var name in files.List(parent))
        {
            if (files.Stat(parent, name) is { } status && IsLocalTrash(name, status))
            {
                _localNames[place] = name;
                return files.OpenDirectory(parent, name);
            }
        }

        FileName made = $"{LocalPrefix}{Random.Shared.NextInt64():x}";
        var trash = files.MakeDirectory(parent, made, RootOnly, 0, 0);
        _localNames[place] = made;
        return trash;
    }

    private void EmptyLocal(string place, Action<FileName, PosixException> reportStuck, CancellationToken cancellationToken)
    {
        SafeFileHandle parent;
        try
        {
            parent = files.OpenDirectory(place);
        }
        catch (PosixException e) when (e.Error == PosixError.NotFound)
        {
            return;
        }

        using (parent)
        {
            foreach (var name in files.List(parent))
            {
                if (files.Stat(parent, name) is { } status && IsLocalTrash(name, status))
                {
                    using var trash = files.OpenDirectory(parent, name);
                    TreeRemoval.Empty(files, trash, reportStuck, cancellationToken);
                    RemoveLocal(parent, name, trash);
                }
            }
        }
    }

    private void RemoveLocal(SafeFileHandle parent, FileName name, SafeFileHandle trash)
    {
        lock (_localTrash)
        {
            if (files.List(trash, 1).Count == 0)
            {
                _ = files.RemoveDirectory(parent, name);
            }
        }
    }

    [LoggerMessage(1201, LogLevel.Warning, "{Name} in the trash cannot be removed and stays there: {Why}")]
    private static partial void StaysThere(ILogger logger, string name, string why);
}

/// <summary>What cannot be removed from the trash.</summary>
/// <param name="Count">So many entries.</param>
/// <param name="Named">The first of them, each with the reason.</param>
internal readonly record struct StuckTrash(int Count, string Named)
{
    /// <summary>What to do about it.</summary>
    public const string Remedy = "A mount, a process in it or a failing disk keeps it: undo the mount or check the disk, and run `macrunners sweep`. Else recycle the machine";
}
