namespace MacRunners.EndToEnd;

/// <summary>Tests beside which no other runs: they fill the process table or all processors, or measure how long something takes.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class AloneCollection
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "Alone";
}
