namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>All cells, with real accounts of the host.</summary>
public sealed class MatrixOnLinux() : MatrixRun("linux", workers: 20, Cells)
{
    internal static IReadOnlyList<FaultCell> Cells { get; } = Chosen(() => FaultTable.Cells);
}

/// <summary>
/// The code that speaks with Buildkite is the same on both platforms, so the macOS code gets one cell of each row of the
/// table, with another kind of fault in each.
/// </summary>
public sealed class MatrixOnMacOS() : MatrixRun("macos", workers: 6, Cells)
{
    internal static IReadOnlyList<FaultCell> Cells { get; } = Chosen(() =>
    [
        .. FaultTable.Cells
            .Where(cell => cell is { IsSlow: false, HasDefaultLimits: false })
            .GroupBy(cell => (cell.State, cell.Call, cell.Length, cell.Shows, cell.End))
            .Select((row, index) => row.ElementAt(index % row.Count())),
    ]);
}

/// <summary>Real accounts of the host.</summary>
public class FaultsOnLinux(MatrixOnLinux matrix) : IClassFixture<MatrixOnLinux>
{
    public static TheoryData<string> Cells => [.. MatrixOnLinux.Cells.Select(cell => cell.Name)];

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Whatever_Buildkite_answers_the_job_and_the_machine_end_as_the_table_says(string cell) => matrix.EndOfAsync(cell);
}

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class FaultsOnMacOS(MatrixOnMacOS matrix) : IClassFixture<MatrixOnMacOS>
{
    public static TheoryData<string> Cells => [.. MatrixOnMacOS.Cells.Select(cell => cell.Name)];

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Whatever_Buildkite_answers_the_job_and_the_machine_end_as_the_table_says(string cell) => matrix.EndOfAsync(cell);
}
