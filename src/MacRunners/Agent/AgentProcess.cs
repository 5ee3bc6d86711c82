using System.Diagnostics;
using MacRunners.Platform;
using MacRunners.Settings;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Agent;

/// <summary>A running agent: its process, its output, its end.</summary>
internal sealed class AgentProcess : IDisposable
{
    private readonly Process _process;
    private readonly IPlatform _platform;
    private readonly string _pipe;
    private readonly AgentOutput _output;
    private readonly CancellationTokenSource _abandon = new();
    private readonly Task _pump;

    /// <summary>Takes over a child that was just started, and begins to read its output.</summary>
    public AgentProcess(Process process, IPlatform platform, string pipe, SafeFileHandle reader, string logFile, JobsOptions jobs, TimeProvider time)
    {
        _process = process;
        _platform = platform;
        _pipe = pipe;

        // It may have ended already; then its number means nothing any more and no signal will be sent.
        Identity = platform.Processes.Find(process.Id)?.Identity ?? new ProcessIdentity(process.Id, 0);
        _output = new AgentOutput(platform.Files, reader, logFile, jobs.MaxAgentOutputBytes, time);
        _pump = _output.PumpAsync(_abandon.Token);
        Exited = process.WaitForExitAsync(CancellationToken.None);
        Ended = EndAsync(jobs.OutputGrace, time);
    }

    /// <summary>Number and start time.</summary>
    public ProcessIdentity Identity { get; }

    /// <summary>Completes when the process has ended, whatever became of its output.</summary>
    public Task Exited { get; }

    /// <summary>The exit code (128 + n for signal n), once the process has ended and its output was read or abandoned.</summary>
    public Task<int> Ended { get; }

    /// <summary>Bytes of output that were dropped because of the cap.</summary>
    public long DroppedOutputBytes => _output.DroppedBytes;

    /// <summary>Signals the agent itself, not its children; nothing happens when it is gone.</summary>
    public void Signal(Signal signal) => _ = _platform.Processes.Signal(Identity, signal);

    /// <inheritdoc/>
    public void Dispose()
    {
        _abandon.Cancel();
        _output.Dispose();
        _process.Dispose();
        _abandon.Dispose();
        File.Delete(_pipe);
    }

    private async Task<int> EndAsync(TimeSpan outputGrace, TimeProvider time)
    {
        await Exited;

        // The pipe may be held by whatever the job left running: that must not keep the job open.
        try
        {
            _output.WriterHasEnded();
            await _pump.WaitAsync(outputGrace, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            await _abandon.CancelAsync();
        }

        return _process.ExitCode;
    }
}
