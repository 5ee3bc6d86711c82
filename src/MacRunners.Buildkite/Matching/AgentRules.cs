namespace MacRunners.Buildkite;

/// <summary>
/// Decides whether a job's <c>agent_query_rules</c> allow it to run here. Nobody checks after us: an agent that acquires a job by its id
/// is not asked for its tags.
/// <list type="bullet">
/// <item>All rules must match. No rules match every machine.</item>
/// <item><c>key=value</c> needs that very tag; one of several values of the key is enough.</item>
/// <item><c>key=*</c>, <c>key=</c> and <c>key</c> need some tag of that key: they match any value, not the absence of the tag.</item>
/// <item>There are no partial wildcards; <c>*</c> within a value is a plain character.</item>
/// <item>A rule without a key matches nothing: what cannot be understood must not be run.</item>
/// <item>
/// <c>queue</c> matches the queue being polled. When that is the cluster's default queue, its placeholders match as well. A job
/// <em>without</em> a queue rule lives in the default queue; since the service lists by queue, seeing it listed proves that the polled
/// queue is the default one, and it matches.
/// </item>
/// </list>
/// </summary>
public static class AgentRules
{
    /// <summary>All rules match.</summary>
    /// <param name="rules">Rules of a job.</param>
    /// <param name="tags">This machine.</param>
    /// <returns>True when the job may run here.</returns>
    public static bool Match(IEnumerable<string> rules, TagSet tags) => FirstUnmatched(rules, tags) is null;

    /// <summary>The first rule that keeps the job away from this machine, for people who wonder why it is not taken.</summary>
    /// <param name="rules">Rules of a job.</param>
    /// <param name="tags">This machine.</param>
    /// <returns>The rule as sent (escape it before it reaches a log); null when all match.</returns>
    public static string? FirstUnmatched(IEnumerable<string> rules, TagSet tags)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(tags);
        return rules.FirstOrDefault(rule => !Matches(rule, tags));
    }

    private static bool Matches(string rule, TagSet tags)
    {
        var equals = rule.IndexOf('=', StringComparison.Ordinal);
        var key = equals < 0 ? rule : rule[..equals];
        var value = equals < 0 ? "" : rule[(equals + 1)..];
        if (key.Length == 0)
        {
            return false;
        }

        if (value is "" or "*")
        {
            return tags.Has(key);
        }

        return tags.Has(key, value) || (key == TagSet.QueueTag && tags.QueueIsDefault && IsDefaultQueue(value));
    }

    // The documented placeholder, and the one the service's own library sends.
    private static bool IsDefaultQueue(string value) => value is StackRegistrationRequest.DefaultQueue or "_default";
}
