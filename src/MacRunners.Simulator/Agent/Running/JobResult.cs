namespace MacRunners.Simulator.Agent.Running;

/// <summary>What <c>finish</c> reports.</summary>
internal sealed record JobResult(int Status, string? Signal = null, string? Reason = null);
