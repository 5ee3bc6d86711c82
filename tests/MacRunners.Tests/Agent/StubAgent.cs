using System.Diagnostics;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Agent;

/// <summary>A running stub agent.</summary>
internal sealed class StubAgent
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    public StubAgent(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public void Signal(string name) => Scratch.Shell("kill -\"$1\" \"$2\"", name, $"{Pid}");

    public async Task<Ended> WaitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Ended(_process.ExitCode, await _output, await _error);
    }

    /// <summary>How it ended and what it said.</summary>
    internal sealed record Ended(int ExitCode, string Output, string Error);
}
