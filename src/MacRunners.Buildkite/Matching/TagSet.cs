using System.Diagnostics.CodeAnalysis;

namespace MacRunners.Buildkite;

/// <summary>
/// The tags of this machine and the queue it serves. Keys and values are compared exactly, case included; a key may have several values.
/// </summary>
public sealed class TagSet
{
    internal const string QueueTag = "queue";

    private readonly Dictionary<string, HashSet<string>> _values = new(StringComparer.Ordinal);
    private readonly List<string> _tags = [];

    private TagSet(string queue, bool queueIsDefault)
    {
        Queue = queue;
        QueueIsDefault = queueIsDefault;
        Add(QueueTag, queue);
    }

    /// <summary>Real key of the queue being polled.</summary>
    public string Queue { get; }

    /// <summary>It is known to be the cluster's default queue.</summary>
    public bool QueueIsDefault { get; }

    /// <summary>All tags as <c>key=value</c>, the queue first: what an agent on this machine is started with.</summary>
    public IReadOnlyList<string> Tags => _tags;

    /// <summary>Reads tags and reports every fault at once.</summary>
    /// <param name="queue">Real key of the queue.</param>
    /// <param name="queueIsDefault">It is the cluster's default queue: then its placeholders in rules are taken for it too.</param>
    /// <param name="tags">Further tags, each <c>key=value</c>.</param>
    /// <param name="result">The tags when there was no fault.</param>
    /// <param name="faults">What is wrong, one sentence each; empty when nothing is.</param>
    /// <returns>True when there was no fault.</returns>
    public static bool TryParse(
        string queue, bool queueIsDefault, IEnumerable<string> tags, [NotNullWhen(true)] out TagSet? result, out IReadOnlyList<string> faults)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(queue);
        ArgumentNullException.ThrowIfNull(tags);
        var found = new List<string>();
        var set = new TagSet(queue, queueIsDefault);
        foreach (var tag in tags)
        {
            var text = tag.Trim();
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                found.Add($"The tag '{text}' is not of the form key=value.");
                continue;
            }

            if (text.Any(c => c == ',' || char.IsControl(c)))
            {
                found.Add($"The tag '{text}' holds a comma or a control character, at which the agent would cut it.");
                continue;
            }

            var (key, value) = (text[..equals], text[(equals + 1)..]);
            if (key != QueueTag)
            {
                set.Add(key, value);
            }
            else if (value != queue)
            {
                found.Add($"The tag '{text}' contradicts the queue '{queue}': a machine serves one queue, which is set by its own setting.");
            }
        }

        faults = found;
        result = found.Count == 0 ? set : null;
        return result is not null;
    }

    /// <summary>Reads tags that are known to be right.</summary>
    /// <param name="queue">Real key of the queue.</param>
    /// <param name="queueIsDefault">It is the cluster's default queue.</param>
    /// <param name="tags">Further tags, each <c>key=value</c>.</param>
    /// <returns>The tags.</returns>
    /// <exception cref="FormatException">Some are wrong; the message names them all.</exception>
    public static TagSet Parse(string queue, bool queueIsDefault, IEnumerable<string> tags) =>
        TryParse(queue, queueIsDefault, tags, out var result, out var faults) ? result : throw new FormatException(string.Join(' ', faults));

    /// <summary>A tag of that key exists, with whatever value.</summary>
    internal bool Has(string key) => _values.ContainsKey(key);

    /// <summary>A tag of that key with exactly that value exists.</summary>
    internal bool Has(string key, string value) => _values.TryGetValue(key, out var values) && values.Contains(value);

    private void Add(string key, string value)
    {
        if (!_values.TryGetValue(key, out var values))
        {
            _values[key] = values = new HashSet<string>(StringComparer.Ordinal);
        }

        if (values.Add(value))
        {
            _tags.Add($"{key}={value}");
        }
    }
}
