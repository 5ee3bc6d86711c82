namespace MacRunners.EndToEnd;

/// <summary>A machine for many tests, one after another. One that a failed test may have spoiled is replaced by a new one.</summary>
public abstract class SharedWorker : IAsyncDisposable
{
    private Worker? _sound;

    /// <summary>Makes a machine.</summary>
    private protected abstract Task<Worker> MakeAsync(string platform);

    /// <summary>Runs a test on the machine.</summary>
    internal async Task UseAsync(string platform, Func<Worker, Task> test)
    {
        var worker = _sound ?? await MakeAsync(platform);
        _sound = null;
        try
        {
            await test(worker);
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }

        _sound = worker;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_sound is not null)
        {
            await _sound.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
