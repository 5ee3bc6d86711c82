namespace MacRunners.Simulator.State;

/// <summary>A registered stack.</summary>
internal sealed class Stack(string key)
{
    public string Id { get; } = Guid.NewGuid().ToString();

    public string Key { get; } = key;

    public required string Type { get; set; }

    public required string QueueKey { get; set; }

    public required IReadOnlyDictionary<string, string> Metadata { get; set; }

    /// <summary>Last registration or listing.</summary>
    public DateTimeOffset LastContact { get; set; }

    /// <summary>Last listing.</summary>
    public DateTimeOffset? LastPoll { get; set; }
}
