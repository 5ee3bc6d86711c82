namespace MacRunners.Simulator.Agent.Flags;

/// <summary>A command line or variable the agent does not understand: usage is shown, exit status 1.</summary>
internal sealed class UsageException(string message) : Exception(message);
