namespace MacRunners.Simulator.Agent;

/// <summary>An end of the agent that it explains itself: the message goes to standard error as <c>fatal: …</c>.</summary>
internal sealed class AgentFailureException(string message, int exitCode = 1, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
