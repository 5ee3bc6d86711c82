namespace MacRunners.Simulator.Agent.Processes;

/// <summary>A child that could not be started at all.</summary>
internal sealed class SpawnException(string message) : Exception(message);
