using System.Diagnostics;
using System.Text;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Agent;

/// <summary>A running stub agent.</summary>
internal sealed class StubAgent
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly StringBuilder _error = new();

    public StubAgent(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not { } text)
            {
                return;
            }

            lock (_error)
            {
                _error.AppendLine(text);
            }
        };
        process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public void Signal(string name) => Scratch.Shell("kill -\"$1\" \"$2\"", name, $"{Pid}");

    /// <summary>Waits until it has said something on standard error.</summary>
    public async Task SaysAsync(string text)
    {
        while (!Error().Contains(text, StringComparison.Ordinal))
        {
            Assert.False(HasExited, $"The agent ended without saying '{text}':\n{Error()}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async Task<Ended> WaitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Ended(_process.ExitCode, await _output, Error());
    }

    private string Error()
    {
        lock (_error)
        {
            return _error.ToString();
        }
    }

    /// <summary>How it ended and what it said.</summary>
    internal sealed record Ended(int ExitCode, string Output, string Error);
}
