namespace MacRunners.Buildkite;

/// <summary>What a stack says about itself when it registers.</summary>
/// <param name="Key">Unique in the organisation and stable over restarts: letters, digits, <c>_</c>, <c>-</c>; at most 80.</param>
/// <param name="QueueKey">Key of the queue served, or <see cref="DefaultQueue"/>.</param>
/// <param name="Metadata">At most 100 pairs; keys up to 64 and values up to 256 characters.</param>
public sealed record StackRegistrationRequest(string Key, string QueueKey, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Placeholder for the default queue of the token's cluster.</summary>
    public const string DefaultQueue = "__default__";

    private const int MaxKeyLength = 80;
    private const int MaxMetadataPairs = 100;
    private const int MaxMetadataKeyLength = 64;
    private const int MaxMetadataValueLength = 256;

    /// <summary>Kind of stack; third parties are <c>custom</c>.</summary>
    public string Type { get; init; } = "custom";

    /// <summary>Refuses here, with the reason, what the service would answer with a bare 422.</summary>
    internal void Validate()
    {
        if (Key.Length is 0 or > MaxKeyLength || !Key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            throw new ArgumentException($"The stack key '{Key}' must have 1 to {MaxKeyLength} letters, digits, _ or -.");
        }

        ArgumentException.ThrowIfNullOrWhiteSpace(QueueKey);
        if (Metadata.Count > MaxMetadataPairs)
        {
            throw new ArgumentException($"A stack has at most {MaxMetadataPairs} pairs of metadata, not {Metadata.Count}.");
        }

        foreach (var (key, value) in Metadata)
        {
            if (key.Length is 0 or > MaxMetadataKeyLength || value.Length > MaxMetadataValueLength)
            {
                throw new ArgumentException(
                    $"The stack metadata '{key}' is too long: keys have 1 to {MaxMetadataKeyLength} characters, values at most {MaxMetadataValueLength}.");
            }
        }
    }
}
