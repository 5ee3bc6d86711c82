using System.Text;
using MacRunners.Platform;

namespace MacRunners.Jobs.Journal;

/// <summary>
/// The journal of this machine: what the daemon did and was about to do, so that after any crash it knows what may exist.
/// Every line is on disk before the call returns. Opened by one daemon at a time.
/// </summary>
internal sealed partial class JournalFile : IDisposable
{
    /// <summary>Version of the format that this daemon writes.</summary>
    public const int FormatVersion = 1;

    /// <summary>Name of the file in <c>Paths:State</c>.</summary>
    public const string FileName = "journal.jsonl";

    private const string LockName = "lock";

    // Hundreds of jobs. Only tests ask for another number.
    private const int DefaultLinesBeforeCompaction = 5000;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly string _bootId;
    private readonly IFileCalls _files;
    private readonly TimeProvider _time;
    private readonly int _linesBeforeCompaction;
    private readonly IJournalWitness? _witness;
    private readonly FileStream _lock;
    private readonly JournalContent _content = new();
    private readonly JournalReserve _reserve;
    private readonly ILogger<JournalFile> _logger;
    private readonly string _host;
    private FileStream _file;
    private int _lines;
    private bool _isBroken;

    private JournalFile(string folder, string bootId, string host, uint lastUid, IFileCalls files, TimeProvider time, ILogger<JournalFile> logger, IJournalWitness? witness, Action? makeRoom, int linesBeforeCompaction)
    {
        _witness = witness;
        _linesBeforeCompaction = linesBeforeCompaction;
        _folder = folder;
        _bootId = bootId;
        _files = files;
        _time = time;
        _logger = logger;
        _reserve = new JournalReserve(folder);
        _lock = TakeLock(folder);
        try
        {
            var path = Path.Combine(folder, FileName);
            ReadExisting(path);
            var isSameBoot = _content.BootId == bootId;
            IsFirstOfBoot = !isSameBoot;
            _host = isSameBoot && _content.Host is { } known ? known : host;
            var nextUid = !isSameBoot && _content.NextUid > lastUid ? 0 : _content.NextUid;
            try
            {
                _file = WriteWithReserve(() => WriteAnew(nextUid));
            }
            catch (IOException) when (makeRoom is not null)
            {
                makeRoom();
                _file = WriteAnew(nextUid);
            }

            TryMakeReserve();
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Opens or creates the journal in a root-only folder.</summary>
    /// <param name="folder">Existing folder.</param>
    /// <param name="bootId">Of the present boot.</param>
    /// <param name="host">Present name of the machine.</param>
    /// <param name="lastUid">End of the range of numbers. After a reboot nothing can hold an old number any more, so a used-up range then begins anew.</param>
    /// <param name="files">Opens the folder, to flush it.</param>
    /// <param name="time">Clock of the entries.</param>
    /// <param name="logger">Told about damaged lines.</param>
    /// <param name="witness">Present at every <see cref="Append"/>.</param>
    /// <param name="makeRoom">Called when the disk refuses although the reserve was given up; then it is tried once more.</param>
    /// <param name="linesBeforeCompaction">Beyond so many lines the file is written anew when no job is open.</param>
    /// <exception cref="IOException">Another daemon uses the folder, or the disk refuses.</exception>
    /// <exception cref="InvalidDataException">Written by a newer daemon in a format this one must not touch.</exception>
    public static JournalFile Open(
        string folder,
        string bootId,
        string host,
        uint lastUid,
        IFileCalls files,
        TimeProvider time,
        ILogger<JournalFile> logger,
        IJournalWitness? witness = null,
        Action? makeRoom = null,
        int linesBeforeCompaction = DefaultLinesBeforeCompaction) =>
        new(folder, bootId, host, lastUid, files, time, logger, witness, makeRoom, linesBeforeCompaction);

    /// <summary>Reads the journal of a folder without changing or holding anything, whoever writes it meanwhile.</summary>
    /// <param name="folder"><c>Paths:State</c>; it need not exist.</param>
    /// <returns>What it adds up to, and how many lines are damaged.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">Written by a newer daemon in a format this one must not touch.</exception>
    public static (JournalContent Content, int Damaged) Peek(string folder)
    {
        var content = new JournalContent();
        var damaged = 0;
        var path = Path.Combine(folder, FileName);
        if (File.Exists(path))
        {
            foreach (var line in File.ReadLines(path, Encoding.UTF8))
            {
                if (JournalLine.TryRead(line, out var entry))
                {
                    content.Apply(entry);
                }
                else
                {
                    damaged++;
                }
            }
        }

        return (content, damaged);
    }

    /// <summary>Whether a daemon, or a verb that works in its place, has the folder at this moment.</summary>
    public static bool IsHeld(string folder)
    {
        if (!File.Exists(Path.Combine(folder, LockName)))
        {
            return false;
        }

        try
        {
            TakeLock(folder).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Whether no daemon had this journal since the machine was started.</summary>
    public bool IsFirstOfBoot { get; }

    /// <summary>The machine's name when the daemon first started in this boot.</summary>
    public string Host => _host;

    /// <summary>Whether the next lines will fit even if the disk becomes full: without that no job may be begun.</summary>
    public bool HasReserve
    {
        get
        {
            lock (_gate)
            {
                return _reserve.IsWhole;
            }
        }
    }

    /// <summary>Jobs that are not over: not proven clean, or not settled with Buildkite.</summary>
    public IReadOnlyList<JobLife> OpenJobs()
    {
        lock (_gate)
        {
            return [.. _content.OpenJobs.Select(life => life.Copy())];
        }
    }

    /// <summary>Whether an account of a job has the number, or had it until it was proven gone, as far as the journal goes back.</summary>
    public bool WasGiven(uint uid)
    {
        lock (_gate)
        {
            return _content.GivenUids.Contains(uid);
        }
    }

    /// <summary>Why the machine is dirty; null when it is not.</summary>
    public MachineDirty? Dirty
    {
        get
        {
            lock (_gate)
            {
                return _content.Dirty;
            }
        }
    }

    /// <summary>Least number that was not given to an account since the counter began; 0 when none was.</summary>
    public uint NextUid
    {
        get
        {
            lock (_gate)
            {
                return _content.NextUid;
            }
        }
    }

    /// <summary>Appends an entry made from the present time; it is on disk when this returns.</summary>
    /// <exception cref="IOException">The disk refuses, and giving up the reserve did not help.</exception>
    public void Append(Func<DateTimeOffset, JournalEntry> entry)
    {
        lock (_gate)
        {
            var made = entry(_time.GetUtcNow());
            if (_isBroken)
            {
                throw new IOException("the journal could not be written before; restart macrunners");
            }

            _witness?.Before(made);
            _ = WriteWithReserve(() => AppendLine(made));
            _witness?.After(made);
            _content.Apply(made);
            if (_lines > _linesBeforeCompaction)
            {
                Compact();
            }
        }
    }

    /// <summary>Sets the reserve aside again after it was given up.</summary>
    /// <returns>Whether it is whole.</returns>
    public bool TryMakeReserve()
    {
        lock (_gate)
        {
            return _reserve.TryMake();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file.Dispose();
            _lock.Dispose();
        }
    }

    private static FileStream TakeLock(string folder)
    {
        var path = Path.Combine(folder, LockName);
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException e)
        {
            throw new IOException($"{path} cannot be locked: is another macrunners running on the same Paths:State? ({e.Message})", e);
        }
    }

    private void ReadExisting(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        var number = 0;
        foreach (var line in File.ReadLines(path, Encoding.UTF8))
        {
            number++;
            if (JournalLine.TryRead(line, out var entry))
            {
                _content.Apply(entry);
            }
            else
            {
                // A crash tears at most the last line; anything else is damage of the disk. Either way the account
                // database is searched too, so nothing stays undiscovered.
                DamagedLine(_logger, path, number);
            }
        }
    }

    private FileStream WriteWithReserve(Func<FileStream> write)
    {
        try
        {
            return write();
        }
        catch (IOException e) when (_reserve.GiveUp())
        {
            ReserveGivenUp(_logger, e.Message);
            return write();
        }
    }

    private FileStream AppendLine(JournalEntry entry)
    {
        var end = _file.Position;
        try
        {
            Write(_file, entry);
            _file.Flush(flushToDisk: true);
            return _file;
        }
        catch (IOException)
        {
            // Half a line would spoil the next one.
            _isBroken = true;
            _file.SetLength(end);
            _isBroken = false;
            throw;
        }
    }

    // The journal as it is goes on when there is no room for another.
    private void Compact()
    {
        try
        {
            var old = _file;
            _file = WriteAnew(_content.NextUid);
            old.Dispose();
        }
        catch (IOException e)
        {
            _lines = 0;
            NotCompacted(_logger, e.Message);
        }
    }

    // A new file beside the old one, then swapped in: a crash leaves the old or the new journal, never half of one.
    private FileStream WriteAnew(uint nextUid)
    {
        var path = Path.Combine(_folder, FileName);
        var next = path + ".next";
        File.Delete(next);
        var file = new FileStream(next, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0, // Each line goes out as one piece, or fails at once.
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        try
        {
            _lines = 0;
            var header = new JournalHeader(_time.GetUtcNow(), FormatVersion, _bootId, nextUid, _host);
            Write(file, header);
            _content.Apply(header);
            foreach (var entry in Remaining())
            {
                Write(file, entry);
            }

            file.Flush(flushToDisk: true);
            File.Move(next, path, overwrite: true);
            DurableFile.FlushFolder(_files, path);
            return file;
        }
        catch
        {
            file.Dispose();
            File.Delete(next);
            throw;
        }
    }

    private IEnumerable<JournalEntry> Remaining()
    {
        var now = _time.GetUtcNow();
        foreach (var life in _content.OpenJobs)
        {
            if (life.ReservedAt is { } reservedAt)
            {
                yield return new JobReserved(reservedAt, life.Job, life.IsSecondAttempt);
            }

            if (life.Account is { } account)
            {
                yield return new AccountCreating(now, life.Job, account.Name, account.Id, account.Id, account.Home, account.OnVolume);
                if (account.HomeIdentity is { } home)
                {
                    yield return new AccountCreated(now, life.Job, account.GeneratedUid, home, account.VolumeId);
                }
            }

            if (life.Agent is { } agent)
            {
                yield return new AgentStarted(now, life.Job, agent.Process, agent.StartedAt);
                if (agent.AcquiredAt is { } acquiredAt)
                {
                    yield return new AgentAcquired(now, life.Job, acquiredAt);
                }

                if (agent.EndCause is { } cause)
                {
                    yield return new AgentEnding(now, life.Job, cause, agent.EndingAt);
                }
            }

            if (life.End is { } end)
            {
                yield return new AgentEnded(now, life.Job, end.ExitCode, end.Cause);
            }

            // Earlier stages of a teardown are not worth a line: it begins anew.
            if (life.Stage == JobStage.Clean)
            {
                yield return new StepDone(now, life.Job, JobStage.Clean);
            }

            if (life.IsSettled)
            {
                yield return new JobSettled(now, life.Job);
            }
        }

        if (_content.Dirty is { } dirty)
        {
            yield return dirty;
        }

        foreach (var unknown in _content.Unknown)
        {
            yield return unknown;
        }
    }

    private void Write(FileStream file, JournalEntry entry)
    {
        file.Write(Encoding.UTF8.GetBytes(JournalLine.Write(entry) + "\n"));
        _lines++;
    }

    [LoggerMessage(1002, LogLevel.Critical, "The journal could not be written ({Why}): its reserve of disk space is given up so that running jobs can be ended in good order. No further job is taken until there is room again")]
    private static partial void ReserveGivenUp(ILogger logger, string why);

    [LoggerMessage(1003, LogLevel.Warning, "The journal could not be written anew and grows on: {Why}")]
    private static partial void NotCompacted(ILogger logger, string why);

    [LoggerMessage(1001, LogLevel.Warning, "Line {Number} of {Path} is damaged and was skipped; accounts and files are searched for what it may have said")]
    private static partial void DamagedLine(ILogger logger, string path, int number);
}
