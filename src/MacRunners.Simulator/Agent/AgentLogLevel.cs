namespace MacRunners.Simulator.Agent;

/// <summary>The agent's log levels, in its order: a notice is below an info, and the default.</summary>
internal enum AgentLogLevel
{
    Debug,
    Notice,
    Info,
    Warn,
    Error,
    Fatal,
}
