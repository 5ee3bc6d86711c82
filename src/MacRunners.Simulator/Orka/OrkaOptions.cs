using System.Net;

namespace MacRunners.Simulator.Orka;

/// <summary>How the simulated Orka cluster is made and how fast it is.</summary>
internal sealed record OrkaOptions
{
    /// <summary>Where to listen; port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>The service account's token that every call but the discovery must carry.</summary>
    public required string Token { get; init; }

    /// <summary>How many hosts the cluster has.</summary>
    public int Nodes { get; init; } = 2;

    /// <summary>Cores of a host.</summary>
    public int NodeCpu { get; init; } = 24;

    /// <summary>Memory of a host, in GiB.</summary>
    public double NodeMemory { get; init; } = 64;

    /// <summary>From the placement of a VM to its address.</summary>
    public TimeSpan DeployDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How much longer the first VM of an image takes on a host that has not cached it.</summary>
    public TimeSpan UncachedDelay { get; init; } = TimeSpan.Zero;

    /// <summary>From the request to save or push a VM until the image is ready.</summary>
    public TimeSpan SaveDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Images that are there from the start.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];
}
