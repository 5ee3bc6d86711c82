using System.Diagnostics;

namespace MacRunners.EndToEnd;

/// <summary>A fault that is not understood must not pass for one that did no harm.</summary>
public class FaultPlanTests
{
    [Theory]
    [InlineData("FAULT_CRASH", "before:noSuchKind:1")]
    [InlineData("FAULT_CRASH", "before:stepDone:0")]
    [InlineData("FAULT_CRASH", "during:stepDone:1")]
    [InlineData("FAULT_CRASH", "before:selfTest.:1")]
    [InlineData("FAULT_FAIL", "before:noSuchKind:1")]
    [InlineData("FAULT_HOLD", "after:stepDone:1:relative")]
    [InlineData("FAULT_HOLD", "after:stepDone:1")]
    [InlineData("FAULT_CLOCK", "1.00:00:00")]
    [InlineData("FAULT_CRASHES", "before:stepDone:1")]
    public async Task A_fault_that_cannot_be_read_ends_the_program(string variable, string value)
    {
        var start = new ProcessStartInfo(FaultyProgram.Path, ["--version"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment[variable] = value;

        using var program = Process.Start(start)!;
        var said = await program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.NotEqual(0, program.ExitCode);
        Assert.Contains(value, said, StringComparison.Ordinal);
    }
}
