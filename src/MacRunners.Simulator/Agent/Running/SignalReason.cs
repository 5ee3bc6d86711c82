namespace MacRunners.Simulator.Agent.Running;

/// <summary>Why a job was signalled or never run, as the server knows it.</summary>
internal static class SignalReason
{
    public const string Cancel = "cancel";
    public const string AgentStop = "agent_stop";
    public const string AgentRefused = "agent_refused";
    public const string SignatureRejected = "signature_rejected";
    public const string ProcessRunError = "process_run_error";
}
