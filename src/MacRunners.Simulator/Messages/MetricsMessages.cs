namespace MacRunners.Simulator.Messages;

/// <summary>Agents and jobs of the whole cluster.</summary>
internal sealed record ClusterMetrics(AgentTotals Agents, JobTotals Jobs, OrganizationReference Organization, ClusterReference Cluster);

/// <summary>Agents and jobs of one queue.</summary>
internal sealed record QueueMetrics(AgentCounts Agents, JobCounts Jobs, OrganizationReference Organization, ClusterReference Cluster);

/// <summary>Numbers of agents.</summary>
internal sealed record AgentCounts(int Idle, int Busy, int Total);

/// <summary>Numbers of agents, altogether and by queue.</summary>
internal sealed record AgentTotals(int Idle, int Busy, int Total, IReadOnlyDictionary<string, AgentCounts> Queues);

/// <summary>Numbers of jobs.</summary>
internal sealed record JobCounts(int Scheduled, int Running, int Waiting, int Total);

/// <summary>Numbers of jobs, altogether and by queue.</summary>
internal sealed record JobTotals(int Scheduled, int Running, int Waiting, int Total, IReadOnlyDictionary<string, JobCounts> Queues);

/// <summary>The organisation.</summary>
internal sealed record OrganizationReference(string Slug);

/// <summary>The cluster.</summary>
internal sealed record ClusterReference(string Name);
