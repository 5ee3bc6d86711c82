using MacRunners.Simulator.Messages;

namespace MacRunners.Simulator.State;

/// <summary>An agent session, from registration until it disconnects or is lost.</summary>
internal sealed class RegisteredAgent(AgentRegistration registration, string name, string queueKey, string clusterToken)
{
    public string Id { get; } = Guid.NewGuid().ToString();

    public AgentRegistration Registration { get; } = registration;

    public string Name { get; } = name;

    public string QueueKey { get; } = queueKey;

    /// <summary>The agent token it registered with, directly or through an acquisition token.</summary>
    public string ClusterToken { get; } = clusterToken;

    /// <summary>The acquisition token that limits the session to one job; null after registration with an agent token.</summary>
    public AcquisitionToken? Acquisition { get; init; }

    public DateTimeOffset LastSeen { get; set; }

    public bool Connected { get; set; }

    /// <summary>Disconnected or lost: its tokens are worth nothing any more.</summary>
    public bool Ended { get; set; }

    /// <summary>The job it has acquired last.</summary>
    public Job? Job { get; set; }
}
