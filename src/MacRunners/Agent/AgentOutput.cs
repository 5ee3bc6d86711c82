using MacRunners.Platform;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Agent;

/// <summary>
/// Copies the agent's output from its pipe to the end of a file, up to a cap. Beyond the cap it reads on and counts, so that the
/// agent never blocks. The pipe is looked at in intervals instead of waited for: the end of a pipe that somebody
/// else may hold cannot be waited for.
/// </summary>
internal sealed class AgentOutput(IFileCalls files, SafeFileHandle pipe, string logFile, long cap, TimeProvider time) : IDisposable
{
    // A pipe holds 64 KiB, so while output flows it must be emptied often, or the writer would be slowed down to a trickle.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPauseAtTheEnd = TimeSpan.FromMilliseconds(10);

    private readonly TaskCompletionSource _writerEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastAt = time.GetTimestamp();
    private long _kept;
    private long _dropped;

    /// <summary>Bytes beyond the cap so far.</summary>
    public long DroppedBytes => Interlocked.Read(ref _dropped);

    /// <summary>Clock reading (<see cref="TimeProvider.GetTimestamp"/>) when something was last read, or when this reader came.</summary>
    public long LastAt => Interlocked.Read(ref _lastAt);

    /// <summary>From now on an empty pipe without writer means the end, not that nobody has opened it yet. What is in it is read at once: the machine waits for it.</summary>
    public void WriterHasEnded() => _writerEnded.TrySetResult();

    /// <summary>Copies until the writer has ended and nobody holds the pipe, or until cancelled.</summary>
    public async Task PumpAsync(CancellationToken cancellationToken)
    {
        // On the pool from the start: opening the log and reading must not hold up the caller.
        await Task.Yield();
        using var log = OpenLog();
        var buffer = new byte[64 * 1024];
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            var ended = _writerEnded.Task.IsCompleted;
            var read = files.ReadFifo(pipe, buffer);
            if (read > 0)
            {
                _ = Interlocked.Exchange(ref _lastAt, time.GetTimestamp());
                Keep(log, buffer.AsSpan(0, read));
                pause = FirstPause;
                continue;
            }

            if (read == 0 && ended)
            {
                break;
            }

            if (ended)
            {
                await Task.Delay(pause, time, CancellationToken.None);
                pause = Longer(pause, LongestPauseAtTheEnd);
            }
            else
            {
                await _writerEnded.Task.WaitAsync(pause, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = _writerEnded.Task.IsCompleted ? FirstPause : Longer(pause, LongestPause);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => pipe.Dispose();

    private static TimeSpan Longer(TimeSpan pause, TimeSpan longest) => pause * 2 < longest ? pause * 2 : longest;

    private Stream OpenLog()
    {
        try
        {
            // Appended to: an earlier run of the daemon, or an earlier attempt at the job, may have begun it.
            var log = new FileStream(logFile, new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.Read,
                BufferSize = 0, // A buffer would be written, and could fail, at a moment nobody expects.
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            _kept = Math.Min(log.Position, cap);
            return log;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As with a full disk in the middle: the job goes on, the output is dropped and counted.
            _kept = cap;
            return Stream.Null;
        }
    }

    private void Keep(Stream log, ReadOnlySpan<byte> bytes)
    {
        var keep = (int)Math.Min(bytes.Length, cap - _kept);
        try
        {
            log.Write(bytes[..keep]);
            _kept += keep;
        }
        catch (IOException)
        {
            // The disk is full: the agent must go on and be read all the same, only its output is lost, and counted.
            keep = 0;
        }

        _ = Interlocked.Add(ref _dropped, bytes.Length - keep);
    }
}
