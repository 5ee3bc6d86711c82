using System.Runtime.InteropServices;

namespace MacRunners.Simulator.Agent.Running;

/// <summary>
/// Signals to the agent. The first SIGTERM or SIGINT lets a job end, the second and any SIGQUIT cancel it, SIGHUP does nothing. Without
/// a running job none of them has an effect in acquire mode, not even on the tries to acquire one.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly AgentLog _log;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private volatile JobRunner? _runner;
    private int _interrupts;

    public StopSignals(AgentLog log)
    {
        _log = log;
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Handle));
        }
    }

    /// <summary>The job signals are about.</summary>
    public JobRunner? Runner
    {
        get => _runner;
        set => _runner = value;
    }

    /// <summary>Stops with force, as after a heartbeat the server refused.</summary>
    public void StopNow()
    {
        if (_runner is { } runner)
        {
            _log.Info("Forcefully stopping agent. The current job will be canceled before disconnecting...");
            _ = runner.CancelAndStopAsync();
        }
        else
        {
            _log.Info("Forcefully stopping agent. Since there is no job running, the agent will disconnect immediately");
        }
    }

    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        switch (context.Signal)
        {
            case PosixSignal.SIGQUIT:
                StopNow();
                break;
            case PosixSignal.SIGTERM or PosixSignal.SIGINT when Interlocked.Increment(ref _interrupts) == 1:
                _log.Info("Received CTRL-C, send again to forcefully kill the agent(s)");
                _log.Info(_runner is null
                    ? "Gracefully stopping agent. Since there is no job running, the agent will disconnect immediately"
                    : "Gracefully stopping agent. Waiting for current job to finish before disconnecting...");
                break;
            case PosixSignal.SIGTERM or PosixSignal.SIGINT:
                _log.Info("Forcefully stopping running jobs and stopping the agent(s)");
                StopNow();
                break;
            default:
                _log.Debug($"Ignoring signal `{context.Signal}`");
                break;
        }
    }
}
