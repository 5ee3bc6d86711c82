namespace MacRunners.Simulator.Agent.Running;

/// <summary>
/// Collects a job's output between two uploads. It holds a bounded amount: a job that writes faster than the server takes waits, as it
/// would on a slow terminal.
/// </summary>
internal sealed class JobLogBuffer : IDisposable
{
    private const int Capacity = 8 * 1024 * 1024;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _space = new(0);
    private readonly SemaphoreSlim _half = new(0);
    private byte[] _bytes = new byte[64 * 1024];
    private byte[] _spare = new byte[64 * 1024];
    private int _count;
    private int _waiting;

    /// <summary>Appends, waiting for room if there is none.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            int taken;
            lock (_lock)
            {
                taken = Math.Min(data.Length, Capacity - _count);
                Grow(_count + taken);
                data[..taken].CopyTo(_bytes.AsSpan(_count));
                _count += taken;
                if (taken == 0)
                {
                    _waiting++;
                }

                if (_count > Capacity / 2 && _half.CurrentCount == 0)
                {
                    _half.Release();
                }
            }

            data = data[taken..];
            if (taken == 0)
            {
                _space.Wait();
            }
        }
    }

    /// <summary>Everything collected so far; valid until the next call. One caller at a time.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        lock (_lock)
        {
            (_bytes, _spare) = (_spare, _bytes);
            var taken = _spare.AsMemory(0, _count);
            _count = 0;
            if (_waiting > 0)
            {
                _space.Release(_waiting);
                _waiting = 0;
            }

            return taken;
        }
    }

    /// <summary>Ends early when the buffer is half full, else by the token.</summary>
    public Task WaitHalfFullAsync(CancellationToken cancel) => _half.WaitAsync(cancel);

    public void Dispose()
    {
        _space.Dispose();
        _half.Dispose();
    }

    private void Grow(int needed)
    {
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Min(Capacity, Math.Max(needed, _bytes.Length * 2)));
        }
    }
}
