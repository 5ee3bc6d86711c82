using System.Collections.Concurrent;
using System.Text;
using Serilog.Core;
using Serilog.Events;

namespace MacRunners.Hosting.Logging;

/// <summary>Writes each open job's events to a file of its own.</summary>
/// <param name="folder"><see cref="StateFolders.JobLogs"/>.</param>
/// <param name="keep">Files that are kept, the open ones included.</param>
internal sealed class JobLogSink(string folder, int keep) : ILogEventSink, IJobLogs, IDisposable
{
    private const string Extension = ".log";

    private static readonly PlainLineFormatter Formatter = new(withJob: false, withStackTraces: true);

    private readonly ConcurrentDictionary<Guid, JobFile> _open = [];
    private readonly Lock _opening = new();

    /// <inheritdoc/>
    public IDisposable Open(Guid job)
    {
        lock (_opening)
        {
            // Openings of the same job share one file.
            var file = _open.GetOrAdd(job, id => new JobFile(this, id, Create(id)));
            file.Holders++;
            RemoveOldest();
            return file;
        }
    }

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        if (JobProperty.Of(logEvent) is { } job && _open.TryGetValue(job, out var file))
        {
            file.Write(logEvent);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _open.Values)
        {
            file.Close();
        }
    }

    private StreamWriter? Create(Guid job)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                UnixCreateMode = LogFiles.Mode,
            };
            return new StreamWriter(Path.Combine(folder, $"{job:D}{Extension}"), Encoding.UTF8, options) { AutoFlush = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFiles.Complain($"The log file of job {job:D} could not be opened, its lines are in the daemon's log only: {e.Message}");
            return null;
        }
    }

    private void RemoveOldest()
    {
        try
        {
            // The files of a job go together: its log, its agent's output, its report.
            var ended = new DirectoryInfo(folder).EnumerateFiles()
                .GroupBy(file => file.Name.Split('.')[0])
                .Where(files => !Guid.TryParse(files.Key, out var job) || !_open.ContainsKey(job))
                .OrderByDescending(files => files.Max(file => file.LastWriteTimeUtc))
                .ThenByDescending(files => files.Key, StringComparer.Ordinal)
                .Skip(Math.Max(0, keep - _open.Count))
                .SelectMany(files => files);
            foreach (var file in ended)
            {
                file.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFiles.Complain($"Old log files of jobs could not be removed from {folder}: {e.Message}");
        }
    }

    /// <summary>One open file.</summary>
    private sealed class JobFile(JobLogSink owner, Guid job, StreamWriter? writer) : IDisposable
    {
        private readonly Lock _lock = new();
        private bool _isClosed = writer is null;

        /// <summary>Openings that are not disposed yet; guarded by the sink.</summary>
        public int Holders { get; set; }

        public void Write(LogEvent logEvent)
        {
            lock (_lock)
            {
                if (_isClosed)
                {
                    return;
                }

                try
                {
                    Formatter.Format(logEvent, writer!);
                }
                catch (IOException e)
                {
                    // A full disk: the daemon goes on, and the health check names the disk.
                    LogFiles.Complain($"The log file of job {job:D} could not be written: {e.Message}");
                }
            }
        }

        public void Dispose()
        {
            lock (owner._opening)
            {
                if (--Holders == 0)
                {
                    owner._open.TryRemove(job, out _);
                    Close();
                }
            }
        }

        public void Close()
        {
            lock (_lock)
            {
                if (!_isClosed)
                {
                    _isClosed = true;
                    try
                    {
                        writer!.Dispose();
                    }
                    catch (IOException e)
                    {
                        // What could not be written before is tried once more here.
                        LogFiles.Complain($"The log file of job {job:D} could not be closed: {e.Message}");
                    }
                }
            }
        }
    }
}
