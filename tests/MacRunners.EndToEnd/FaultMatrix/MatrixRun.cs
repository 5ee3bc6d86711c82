using System.Collections.Concurrent;

namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>
/// Runs the cells on several workers beside each other, since a cell is mostly waiting. A worker serves one cell after
/// the other; one whose cell failed is replaced.
/// </summary>
public abstract class MatrixRun : IAsyncLifetime
{
    /// <summary>Part of cells' names, or <c>all</c>: which ones are run instead of the platform's usual choice.</summary>
    private const string Choice = "FAULT_CELLS";

    private readonly string _platform;
    private readonly int _workers;
    private readonly Dictionary<string, TaskCompletionSource> _ends;
    private readonly ConcurrentQueue<FaultCell> _waiting;
    private Task _running = Task.CompletedTask;

    private protected MatrixRun(string platform, int workers, IReadOnlyList<FaultCell> cells)
    {
        _platform = platform;
        _workers = workers;
        _ends = cells.ToDictionary(cell => cell.Name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _waiting = new ConcurrentQueue<FaultCell>(cells.OrderByDescending(cell => cell.Cost));
    }

    /// <summary>Completes, or fails, as the cell did.</summary>
    public Task EndOfAsync(string cell) => _ends[cell].Task;

    /// <inheritdoc/>
    public ValueTask InitializeAsync()
    {
        _running = Task.WhenAll(Enumerable.Range(0, _workers).Select(_ => Task.Run(ServeAsync)));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _waiting.Clear();
        await _running;
        GC.SuppressFinalize(this);
    }

    private protected static IReadOnlyList<FaultCell> Chosen(Func<IReadOnlyList<FaultCell>> usual) => Environment.GetEnvironmentVariable(Choice) switch
    {
        null or "" => usual(),
        "all" => FaultTable.Cells,
        var part => [.. FaultTable.Cells.Where(cell => cell.Name.Contains(part, StringComparison.OrdinalIgnoreCase))],
    };

    private async Task ServeAsync()
    {
        Worker? worker = null;
        while (_waiting.TryDequeue(out var cell))
        {
            try
            {
                worker ??= await Worker.StartAsync(_platform, CellRun.Settings);
                await new CellRun(worker, cell).RunAsync();
                _ends[cell.Name].SetResult();
            }
            catch (Exception e)
            {
                _ends[cell.Name].SetException(e);
                await DisposeAsync(worker);
                worker = null;
            }
        }

        await DisposeAsync(worker);
    }

    private static async Task DisposeAsync(Worker? worker)
    {
        if (worker is not null)
        {
            await worker.DisposeAsync();
        }
    }
}
