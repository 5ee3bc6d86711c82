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

    private const string FileName = "journal.jsonl";

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
    private FileStream _file;
    private int _lines;
    private bool _isBroken;

    private JournalFile(string folder, string bootId, uint lastUid, IFileCalls files, TimeProvider time, ILogger<JournalFile> logger, IJournalWitness? witness, int linesBeforeCompaction)
    {
        _witness = witness;
        _linesBeforeCompaction = linesBeforeCompaction;
        _folder = folder;
        _bootId = bootId;
        _files = files;
        _time = time;
        _lock = TakeLock(folder);
        try
        {
            var path = Path.Combine(folder, FileName);
            ReadExisting(path, logger);
            var rebooted = _content.BootId is { } before && before != bootId;
            _file = WriteAnew(rebooted && _content.NextUid > lastUid ? 0 : _content.NextUid);
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
    /// <param name="lastUid">End of the range of numbers. After a reboot nothing can hold an old number any more, so a used-up range then begins anew.</param>
    /// <param name="files">Opens the folder, to flush it.</param>
    /// <param name="time">Clock of the entries.</param>
    /// <param name="logger">Told about damaged lines.</param>
    /// <param name="witness">Present at every <see cref="Append"/>.</param>
    /// <param name="linesBeforeCompaction">Beyond so many lines the file is written anew when no job is open.</param>
    /// <exception cref="IOException">Another daemon uses the folder, or the disk refuses.</exception>
    /// <exception cref="InvalidDataException">Written by a newer daemon in a format this one must not touch.</exception>
    public static JournalFile Open(
        string folder,
        string bootId,
        uint lastUid,
        IFileCalls files,
        TimeProvider time,
        ILogger<JournalFile> logger,
        IJournalWitness? witness = null,
        int linesBeforeCompaction = DefaultLinesBeforeCompaction) =>
        new(folder, bootId, lastUid, files, time, logger, witness, linesBeforeCompaction);

    /// <summary>Jobs that are not proven clean.</summary>
    public IReadOnlyList<JobLife> OpenJobs()
    {
        lock (_gate)
        {
            return [.. _content.OpenJobs];
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
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Append(Func<DateTimeOffset, JournalEntry> entry)
    {
        lock (_gate)
        {
            var made = entry(_time.GetUtcNow());
            if (_isBroken)
            {
                throw new IOException("the journal could not be written before; restart macrunners");
            }

            // A line that failed half-way would spoil the next one.
            _isBroken = true;
            _witness?.Before(made);
            Write(_file, made);
            _file.Flush(flushToDisk: true);
            _isBroken = false;
            _witness?.After(made);
            _content.Apply(made);
            if (_lines > _linesBeforeCompaction && _content.OpenJobs.Count == 0)
            {
                _file.Dispose();
                _file = WriteAnew(_content.NextUid);
            }
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
        var path = Path.Combine(folder, "lock");
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

    private void ReadExisting(string path, ILogger<JournalFile> logger)
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
                DamagedLine(logger, path, number);
            }
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
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        try
        {
            _lines = 0;
            var header = new JournalHeader(_time.GetUtcNow(), FormatVersion, _bootId, nextUid);
            Write(file, header);
            _content.Apply(header);
            foreach (var entry in Remaining())
            {
                Write(file, entry);
            }

            file.Flush(flushToDisk: true);
            File.Move(next, path, overwrite: true);
            FlushFolder();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private IEnumerable<JournalEntry> Remaining()
    {
        var now = _time.GetUtcNow();
        foreach (var life in _content.OpenJobs)
        {
            yield return new JobReserved(now, life.Job);
            if (life.Account is { } account)
            {
                yield return new AccountCreating(now, life.Job, account.Name, account.Id, account.Id, account.Home);
                if (account.HomeIdentity is { } home)
                {
                    yield return new AccountCreated(now, life.Job, account.GeneratedUid, home);
                }
            }

            if (life.Agent is { } agent)
            {
                yield return new AgentStarted(now, life.Job, agent);
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

    // The rename itself must survive a power cut too.
    private void FlushFolder()
    {
        using var handle = _files.OpenDirectory(_folder);
        RandomAccess.FlushToDisk(handle);
    }

    [LoggerMessage(1001, LogLevel.Warning, "Line {Number} of {Path} is damaged and was skipped; accounts and files are searched for what it may have said")]
    private static partial void DamagedLine(ILogger logger, string path, int number);
}
