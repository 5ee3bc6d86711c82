namespace MacRunners.Images;

/// <summary>Finds out one thing about the machine. All run at the same time, each within a limit.</summary>
internal abstract class ImageProbe(string name)
{
    /// <summary>Unique, and the same in every report.</summary>
    public string Name { get; } = name;

    /// <summary>Finds it out.</summary>
    public abstract Task<ProbeFinding> RunAsync(CancellationToken cancellationToken);

    /// <summary>As it should be.</summary>
    protected static ProbeFinding Ok(string found, string? where = null) => new(ProbeStatus.Ok, null, found, where);

    /// <summary>Not as it should be.</summary>
    protected static ProbeFinding Failed(string expected, string found, string? where = null) => new(ProbeStatus.Failed, expected, found, where);

    /// <summary>Nothing can be said here.</summary>
    protected static ProbeFinding Skipped(string why) => new(ProbeStatus.Skipped, null, why, null);
}

/// <summary>How a probe ended.</summary>
internal enum ProbeStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Not as it should be: no job may see this image.</summary>
    Failed,

    /// <summary>Nothing can be said here.</summary>
    Skipped,
}

/// <summary>What a probe found.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Expected">What should have been found; null when it was.</param>
/// <param name="Found">What was found, or why nothing was.</param>
/// <param name="Where">File that was looked at; null when there is none.</param>
internal sealed record ProbeFinding(ProbeStatus Status, string? Expected, string Found, string? Where);
