using System.Diagnostics;
using MacRunners.Platform;
using MacRunners.Settings;

namespace MacRunners.Agent;

/// <summary>A running agent: its process, its output, its end.</summary>
internal sealed class AgentProcess : IDisposable
{
    // An adopted agent is nobody's child any more, so its end is noticed by looking.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private readonly Process? _child;
    private readonly IPlatform _platform;
    private readonly AgentOutput _output;
    private readonly string _pipe;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _abandon = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly Task _pump;
    private Task _handOver = Task.CompletedTask;

    private AgentProcess(
        Process? child, ProcessIdentity identity, IPlatform platform, AgentOutput output, string pipe, JobsOptions jobs, TimeProvider time)
    {
        _child = child;
        Identity = identity;
        _platform = platform;
        _output = output;
        _pipe = pipe;
        _time = time;
        _pump = output.PumpAsync(_abandon.Token);
        Exited = child is null ? UntilGoneAsync() : child.WaitForExitAsync(CancellationToken.None);
        Ended = EndAsync(jobs.OutputGrace);
    }

    /// <summary>Takes over a child that was just started and waits, and begins to read its output.</summary>
    public static AgentProcess Started(Process child, IPlatform platform, AgentOutput output, string pipe, JobsOptions jobs, TimeProvider time)
    {
        // It may have ended already; then its number means nothing any more and no signal will be sent.
        var identity = platform.Processes.Find(child.Id)?.Identity ?? new ProcessIdentity(child.Id, 0);
        return new AgentProcess(child, identity, platform, output, pipe, jobs, time);
    }

    /// <summary>Takes over the agent of an earlier run of the daemon, and goes on reading its output.</summary>
    public static AgentProcess Adopted(ProcessIdentity identity, IPlatform platform, AgentOutput output, string pipe, JobsOptions jobs, TimeProvider time) =>
        new(null, identity, platform, output, pipe, jobs, time);

    /// <summary>Number and start time.</summary>
    public ProcessIdentity Identity { get; }

    /// <summary>Completes when the process has ended, whatever became of its output.</summary>
    public Task Exited { get; }

    /// <summary>
    /// The exit code (128 + n for signal n), once the process has ended and its output was read or abandoned; null for an
    /// adopted agent, whose exit code went to somebody else.
    /// </summary>
    public Task<int?> Ended { get; }

    /// <summary>How long it has said nothing.</summary>
    public TimeSpan Silence => _time.GetElapsedTime(_output.LastAt);

    /// <summary>Bytes of output that were dropped because of the cap.</summary>
    public long DroppedOutputBytes => _output.DroppedBytes;

    /// <summary>Lets a started agent go. Until then it waits, and it leaves if the daemon does.</summary>
    public void Go()
    {
        try
        {
            _child!.StandardInput.Write('\n');
            _child.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already: that is seen by whoever waits for it.
        }
    }

    /// <summary>Hands the agent token over as soon as the agent asks for it, in the background, while the agent lives.</summary>
    /// <param name="token">The agent's configuration file.</param>
    /// <param name="limit">Time in which it must ask.</param>
    public void HandOver(TokenPipe token, TimeSpan limit) => _handOver = token.HandOverAsync(limit, _gone.Token);

    /// <summary>Signals the agent itself, not its children; nothing happens when it is gone.</summary>
    public void Signal(Signal signal) => _ = _platform.Processes.Signal(Identity, signal);

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _abandon.Cancel();
        _output.Dispose();
        _child?.Dispose();
        _gone.Dispose();
        _abandon.Dispose();
        File.Delete(_pipe);
    }

    private async Task UntilGoneAsync()
    {
        while (_platform.Processes.Find(Identity.Pid)?.Identity == Identity)
        {
            await Task.Delay(LookInterval, _time, CancellationToken.None);
        }
    }

    private async Task<int?> EndAsync(TimeSpan outputGrace)
    {
        await Exited;
        await _gone.CancelAsync();
        await _handOver;

        // The pipe may be held by whatever the job left running: that must not keep the job open.
        try
        {
            _output.WriterHasEnded();
            await _pump.WaitAsync(outputGrace, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            await _abandon.CancelAsync();
        }

        return _child?.ExitCode;
    }
}
