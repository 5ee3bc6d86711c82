using System.Runtime.InteropServices;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>
/// Copies a pipe or the master of a terminal to a sink on a thread of its own, until end of file or until told to stop. It polls because
/// a blocked <c>read</c> would keep a terminal open that its owner has given up.
/// </summary>
internal sealed class OutputCopier
{
    private const int BufferSize = 64 * 1024;
    private const int StopCheckMilliseconds = 200;
    private const short Readable = 1;
    private const int Interrupted = 4;
    private readonly Descriptor _source;
    private readonly OutputSink _sink;
    private readonly Task _kept;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stop;

    /// <param name="source">Closed at the end.</param>
    /// <param name="sink">Where to.</param>
    /// <param name="kept">
    /// Until when the source stays open even behind its end: a program may close its terminal long before it exits (touch does), and closing
    /// the master would kill it.
    /// </param>
    public OutputCopier(Descriptor source, OutputSink sink, Task? kept = null)
    {
        _source = source;
        _sink = sink;
        _kept = kept ?? Task.CompletedTask;
        new Thread(Copy) { IsBackground = true, Name = "output" }.Start();
    }

    public Task Finished => _finished.Task;

    public void Stop() => _stop = true;

    private unsafe void Copy()
    {
        var buffer = new byte[BufferSize];
        var isAtEnd = false;
        try
        {
            fixed (byte* start = buffer)
            {
                while (WaitForData())
                {
                    var count = NativeCalls.Read(_source.Number, start, buffer.Length);
                    if (count < 0 && Marshal.GetLastPInvokeError() == Interrupted)
                    {
                        continue;
                    }

                    // Linux answers EIO once nobody holds the other side of a terminal; that is its end of file.
                    isAtEnd = count <= 0;
                    if (isAtEnd || !_sink(buffer.AsSpan(0, (int)count)))
                    {
                        break;
                    }
                }
            }

            _finished.SetResult();
        }
        catch (Exception e)
        {
            _finished.SetException(e);
        }
        finally
        {
            if (isAtEnd)
            {
                ((IAsyncResult)_kept).AsyncWaitHandle.WaitOne();
            }

            _source.Dispose();
        }
    }

    private unsafe bool WaitForData()
    {
        while (!_stop)
        {
            var entry = new NativeCalls.PollEntry { Fd = _source.Number, Events = Readable };
            var ready = NativeCalls.Poll(&entry, 1, StopCheckMilliseconds);
            if (ready > 0)
            {
                return true;
            }
        }

        return false;
    }
}
