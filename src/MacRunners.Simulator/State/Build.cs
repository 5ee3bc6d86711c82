using MacRunners.Simulator.Messages;

namespace MacRunners.Simulator.State;

/// <summary>What the jobs of one build share.</summary>
internal sealed class Build(string id, int number)
{
    public string Id { get; } = id;

    public int Number { get; } = number;

    public SortedDictionary<string, string> MetaData { get; } = new(StringComparer.Ordinal);

    public List<Annotation> Annotations { get; } = [];

    public List<Artifact> Artifacts { get; } = [];
}
