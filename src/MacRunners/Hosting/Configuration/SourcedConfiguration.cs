namespace MacRunners.Hosting.Configuration;

/// <summary>The merged configuration that still knows where each value comes from.</summary>
internal sealed class SourcedConfiguration
{
    private readonly IReadOnlyList<(string Name, IConfigurationRoot Values)> _layers;

    /// <summary>Merges the layers; later ones win.</summary>
    public SourcedConfiguration(IReadOnlyList<(string Name, IConfigurationRoot Values)> layers)
    {
        _layers = layers;
        // By hand: the library's chaining of configurations loses empty values.
        var merged = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in layers.SelectMany(layer => layer.Values.AsEnumerable()))
        {
            if (value is not null || !merged.ContainsKey(key))
            {
                merged[key] = value;
            }
        }

        Values = new ConfigurationBuilder().AddInMemoryCollection(merged).Build();
    }

    /// <summary>All values.</summary>
    public IConfiguration Values { get; }

    /// <summary>Name of the layer that decides the key, or anything below it; null when none does.</summary>
    public string? SourceOf(string key) => _layers.LastOrDefault(layer => layer.Values.GetSection(key).Exists()).Name;

    /// <summary>The same values without the given keys and what is below them.</summary>
    public IConfiguration Without(IReadOnlyCollection<string> keys) => new ConfigurationBuilder()
        .AddInMemoryCollection(Values.AsEnumerable().Where(pair => pair.Value is not null && !keys.Any(key => IsAtOrBelow(pair.Key, key))))
        .Build();

    private static bool IsAtOrBelow(string key, string ancestor) =>
        key.StartsWith(ancestor, StringComparison.OrdinalIgnoreCase) && (key.Length == ancestor.Length || key[ancestor.Length] == ':');
}
