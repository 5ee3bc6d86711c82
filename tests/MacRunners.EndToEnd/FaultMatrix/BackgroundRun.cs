using System.Collections.Concurrent;

namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>
/// Runs the rows of a table on several lanes beside each other, since a row is mostly waiting, while the tests ask for
/// their ends one by one.
/// </summary>
public abstract class BackgroundRun : IAsyncLifetime
{
    // Lanes of all tables together: there is a number of machines above which this host only makes them slow.
    private static readonly SemaphoreSlim Room = new(24);

    private readonly int _lanes;
    private readonly Dictionary<string, TaskCompletionSource> _ends;
    private readonly ConcurrentQueue<BackgroundRow> _waiting;
    private Task _running = Task.CompletedTask;

    private protected BackgroundRun(int lanes, IEnumerable<BackgroundRow> rows)
    {
        _lanes = lanes;
        _waiting = new ConcurrentQueue<BackgroundRow>(rows);
        _ends = _waiting.ToDictionary(row => row.Name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    /// <summary>Completes, or fails, as the row did.</summary>
    public Task EndOfAsync(string name) => _ends[name].Task;

    /// <inheritdoc/>
    public ValueTask InitializeAsync()
    {
        _running = Task.WhenAll(Enumerable.Range(0, _lanes).Select(_ => Task.Run(ServeAsync)));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _waiting.Clear();
        await _running;
        GC.SuppressFinalize(this);
    }

    private async Task ServeAsync()
    {
        await Room.WaitAsync();
        try
        {
            await ServeRowsAsync();
        }
        finally
        {
            _ = Room.Release();
        }
    }

    private async Task ServeRowsAsync()
    {
        Worker? worker = null;
        while (_waiting.TryDequeue(out var row))
        {
            try
            {
                worker = await row.RunAsync(worker);
                _ends[row.Name].SetResult();
            }
            catch (Exception e)
            {
                worker = null;
                _ends[row.Name].SetException(e);
            }
        }

        if (worker is not null)
        {
            await worker.DisposeAsync();
        }
    }
}

/// <summary>One row.</summary>
/// <param name="Name">Unique in its table.</param>
/// <param name="RunAsync">Runs it, given the worker that the row before it on the same lane has left, and leaves one, or null, for the next.</param>
internal sealed record BackgroundRow(string Name, Func<Worker?, Task<Worker?>> RunAsync);
