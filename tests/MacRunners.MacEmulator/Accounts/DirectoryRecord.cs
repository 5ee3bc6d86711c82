namespace MacRunners.MacEmulator.Accounts;

/// <summary>One user or group of the emulated directory.</summary>
internal sealed class DirectoryRecord
{
    /// <summary>The short name.</summary>
    public required string Name { get; init; }

    /// <summary>Values by full attribute name (<c>dsAttrTypeStandard:UniqueID</c>).</summary>
    public Dictionary<string, List<string>> Attributes { get; init; } = new(StringComparer.Ordinal);

    /// <summary>When name look-ups begin to see the account: later than its creation where a lag is injected.</summary>
    public DateTimeOffset? VisibleFrom { get; set; }

    /// <summary>Built into macOS, or an account of the Linux host: shown, never changed.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? FixedBecause { get; init; }

    /// <summary>The first value, or null.</summary>
    internal string? First(string attribute) => Attributes.TryGetValue(attribute, out var values) && values.Count > 0 ? values[0] : null;
}
