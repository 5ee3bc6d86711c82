namespace MacRunners.Simulator.Faults;

/// <summary>A fault as asked for.</summary>
internal sealed record FaultSpec
{
    /// <summary>Path pattern: <c>*</c> or <c>{name}</c> stands for one segment, a final <c>**</c> for any rest; <c>/v3</c> may be left out.</summary>
    public string? Route { get; init; }

    /// <summary>HTTP method; null means any.</summary>
    public string? Method { get; init; }

    /// <summary>Status to answer with instead of doing anything.</summary>
    public int? Status { get; init; }

    /// <summary>Delay in milliseconds before whatever follows.</summary>
    public int? DelayMs { get; init; }

    /// <summary>Cut the connection.</summary>
    public bool Reset { get; init; }

    /// <summary>With <see cref="Reset"/>: do what was asked first, so that only the answer is lost.</summary>
    public bool After { get; init; }

    /// <summary>Seconds for the header <c>Retry-After</c>.</summary>
    public double? RetryAfter { get; init; }

    /// <summary>Raw body to answer with, sent as JSON whatever it is; null means the usual error body.</summary>
    public string? Body { get; init; }

    /// <summary>Id of a job, or <c>*</c>, for which no acquisition token is issued. Needs no route.</summary>
    public string? NotIssued { get; init; }

    /// <summary>How often it strikes; null means until it is removed.</summary>
    public int? Count { get; init; }

    /// <summary>
    /// Path pattern: it strikes only after a request to such a path has come, so that a fault can begin exactly where a
    /// job's life has got to. Null means at once.
    /// </summary>
    public string? ArmedBy { get; init; }
}
