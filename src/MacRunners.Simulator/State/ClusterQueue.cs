namespace MacRunners.Simulator.State;

/// <summary>A queue of the cluster. Pausing stops dispatch by convention only: its jobs stay listed.</summary>
internal sealed class ClusterQueue(string key)
{
    public string Id { get; } = Guid.NewGuid().ToString();

    public string Key { get; } = key;

    public bool Paused { get; set; }
}
