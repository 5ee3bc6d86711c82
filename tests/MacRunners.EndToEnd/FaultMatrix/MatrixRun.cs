namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>Runs the cells of the matrix. A worker serves one cell after the other; one whose cell failed is replaced.</summary>
public abstract class MatrixRun : BackgroundRun
{
    /// <summary>Part of cells' names, or <c>all</c>: which ones are run instead of the platform's usual choice.</summary>
    private const string Choice = "MATRIX_CELLS";

    private protected MatrixRun(string platform, int workers, IReadOnlyList<FaultCell> cells)
        : base(workers, cells.OrderByDescending(cell => cell.Cost).Select(cell => new BackgroundRow(cell.Name, worker => RunAsync(platform, cell, worker))))
    {
    }

    private protected static IReadOnlyList<FaultCell> Chosen(Func<IReadOnlyList<FaultCell>> usual) => Environment.GetEnvironmentVariable(Choice) switch
    {
        null or "" => usual(),
        "all" => FaultTable.Cells,
        var part => [.. FaultTable.Cells.Where(cell => cell.Name.Contains(part, StringComparison.OrdinalIgnoreCase))],
    };

    private static async Task<Worker?> RunAsync(string platform, FaultCell cell, Worker? worker)
    {
        if (cell.HasDefaultLimits)
        {
            await using var patient = await Worker.StartAsync(platform);
            await new CellRun(patient, cell).RunAsync();
            return worker;
        }

        worker ??= await Worker.StartAsync(platform, CellRun.Settings);
        try
        {
            await new CellRun(worker, cell).RunAsync();
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }
}
