namespace MacRunners.Simulator.State;

/// <summary>Who holds a job that no agent has yet, by which agent token, and until when.</summary>
internal sealed record Reservation(string StackKey, string ClusterToken, DateTimeOffset Until);
