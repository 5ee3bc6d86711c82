using System.Globalization;
using System.Text;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>Where a job's output goes: stamped or not into the upload buffer, and if asked for to a file and to standard output.</summary>
internal sealed class JobLogSinks : IAsyncDisposable
{
    public const string FileVariable = "BUILDKITE_JOB_LOG_TMPFILE";
    private const int LongestLine = 1024 * 1024;
    private readonly Lock _lock = new();
    private readonly JobLogBuffer _buffer;
    private readonly HeaderTimes _headers;
    private readonly TimeProvider _time;
    private readonly LineTimestamper? _timestamper;
    private readonly bool _timestampLines;
    private readonly FileStream? _file;
    private readonly bool _toStandardOutput;
    private readonly List<byte> _line = [];

    public JobLogSinks(StartSettings settings, JobLogBuffer buffer, HeaderTimes headers, TimeProvider time)
    {
        _buffer = buffer;
        _headers = headers;
        _time = time;
        _timestamper = settings.Flags.On("no-ansi-timestamps") ? null : new LineTimestamper(Collect, time);
        _timestampLines = settings.Flags.On("timestamp-lines");
        _toStandardOutput = settings.Flags.On("write-job-logs-to-stdout");
        if (settings.Flags.On("enable-job-log-tmpfile"))
        {
            var folder = settings.Flags.PathOf("job-log-path") is { Length: > 0 } path ? path : Path.GetTempPath();
            _file = new FileStream(
                Path.Combine(folder, $"buildkite_job_log{Random.Shared.Next():D10}"),
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    Options = FileOptions.DeleteOnClose,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            Environment.SetEnvironmentVariable(FileVariable, _file.Name);
        }
    }

    public bool Write(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            if (_timestamper is not null)
            {
                _timestamper.Write(data);
            }
            else if (_timestampLines)
            {
                WriteByLine(data);
            }
            else
            {
                _headers.Scan(data);
                Collect(data);
            }

            if (_toStandardOutput)
            {
                StandardStreams.Write(StandardStreams.Output, data);
            }
        }

        return true;
    }

    public void WriteLine(string line) => Write(Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>Lets go of a last line without an end.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_line.Count > 0)
            {
                EndLine();
            }

            _file?.Flush();
        }
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Collect(ReadOnlySpan<byte> data)
    {
        _buffer.Write(data);
        _file?.Write(data);
    }

    private void WriteByLine(ReadOnlySpan<byte> data)
    {
        foreach (var b in data)
        {
            if (b == '\n' || _line.Count >= LongestLine)
            {
                EndLine();
            }

            if (b != '\n')
            {
                _line.Add(b);
            }
        }
    }

    private void EndLine()
    {
        var line = Encoding.UTF8.GetString([.. _line]);
        _line.Clear();
        var stamp = _headers.IsHeaderOrExpansion(line)
            ? ""
            : $"[{_time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}] ";
        Collect(Encoding.UTF8.GetBytes($"{stamp}{line}\n"));
    }
}
