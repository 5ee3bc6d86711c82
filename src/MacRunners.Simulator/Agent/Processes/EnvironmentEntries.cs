using System.Collections;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>Environments as lists of <c>NAME=value</c>, merged as the agent merges them: the last of a name wins.</summary>
internal static class EnvironmentEntries
{
    /// <summary>This process's variables.</summary>
    public static IReadOnlyList<string> Own() =>
        [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}")];

    /// <summary>
    /// One list without repeats. A name ends at the first <c>=</c>, whatever its owner meant; an entry without a name stays, for the
    /// kernel takes it and nobody reads it.
    /// </summary>
    public static IReadOnlyList<string> Merge(params IEnumerable<string>[] layers)
    {
        var entries = new Dictionary<string, string>();
        foreach (var entry in layers.SelectMany(layer => layer))
        {
            var end = entry.IndexOf('=', StringComparison.Ordinal);
            entries[end < 0 ? entry : entry[..end]] = entry;
        }

        return [.. entries.Values];
    }
}
