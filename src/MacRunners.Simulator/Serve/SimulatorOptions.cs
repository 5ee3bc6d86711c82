using System.Net;

namespace MacRunners.Simulator.Serve;

/// <summary>How the local Buildkite behaves. Defaults are the documented ones of the service, shortened only where a test would wait.</summary>
internal sealed record SimulatorOptions
{
    /// <summary>Where to listen; port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Agent tokens of the one cluster. A reservation made with one of them is not open to agents registered with another.</summary>
    public required IReadOnlyList<string> ClusterTokens { get; init; }

    /// <summary>Keys of the cluster's queues; the first one is the default queue.</summary>
    public IReadOnlyList<string> Queues { get; init; } = ["default"];

    /// <summary>How many stacks the organisation may have.</summary>
    public int StackQuota { get; init; } = 30;

    /// <summary>Reservation length when a request names none.</summary>
    public TimeSpan ReservationDefault { get; init; } = TimeSpan.FromSeconds(900);

    /// <summary>Longest reservation a request may ask for.</summary>
    public TimeSpan ReservationMaximum { get; init; } = TimeSpan.FromSeconds(3600);

    /// <summary>Time without a sign of life after which an agent counts as lost.</summary>
    public TimeSpan LostAgentAfter { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>Seconds between heartbeats, told to agents. At least 1: agents panic on 0.</summary>
    public int HeartbeatIntervalSeconds { get; init; } = 5;

    /// <summary>Seconds between looks at the job's state, told to agents. At least 1: older agents spin on 0.</summary>
    public int JobStatusIntervalSeconds { get; init; } = 1;

    /// <summary>Seconds between pings, told to agents.</summary>
    public int PingIntervalSeconds { get; init; } = 1;

    /// <summary>Largest log chunk in bytes before compression.</summary>
    public int ChunkMaxSizeBytes { get; init; } = 102400;

    /// <summary>Largest log in bytes.</summary>
    public long LogMaxSizeBytes { get; init; } = 1L << 30;

    /// <summary>Folder of bare repositories served below <c>/git/</c>; null serves none.</summary>
    public string? Repositories { get; init; }

    /// <summary>Whether a missing <c>demo.git</c> is created in <see cref="Repositories"/>.</summary>
    public bool DemoRepository { get; init; }

    /// <summary>Whether the address may be reachable from other machines (the control surface asks for no credentials).</summary>
    public bool AllowRemote { get; init; }
}
