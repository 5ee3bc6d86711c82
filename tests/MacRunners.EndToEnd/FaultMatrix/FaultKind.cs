using MacRunners.Simulator.Faults;

namespace MacRunners.EndToEnd.FaultMatrix;

/// <summary>A way in which a call goes wrong.</summary>
/// <param name="Name">For people.</param>
/// <param name="Says">What the daemon's explanation of it contains.</param>
/// <param name="Spec">The simulator's part of it, given the id of the job; route, count and beginning are set by the cell. Null: the stack itself is removed.</param>
internal sealed record FaultKind(string Name, string Says, Func<string, FaultSpec>? Spec)
{
    // Longer than the daemon's own pauses under the matrix's settings, so that only obedience explains the wait.
    private const double Wait = 3;

    private const string NotTheProtocol = "not the JSON the protocol promises";

    public static FaultKind RateLimitedFor { get; } = new("429 with Retry-After", ": 429", _ => new() { Status = 429, RetryAfter = Wait });

    public static FaultKind RateLimited { get; } = new("429", ": 429", _ => new() { Status = 429 });

    public static FaultKind Error { get; } = new("500", ": 500", _ => new() { Status = 500 });

    public static FaultKind UnavailableFor { get; } = new("503 with Retry-After", ": 503", _ => new() { Status = 503, RetryAfter = Wait });

    public static FaultKind Unavailable { get; } = new("503", ": 503", _ => new() { Status = 503 });

    public static FaultKind Reset { get; } = new("connection reset", "Check the network", _ => new() { Reset = true });

    public static FaultKind Stall { get; } = new("stall", "no complete answer within", _ => new() { DelayMs = 30_000 });

    /// <summary>Longer than the limit that a daemon has by default, which is in force in these cells.</summary>
    public static FaultKind LongStall { get; } = new("stall under the default limits", "no complete answer within 30 s", _ => new() { DelayMs = 90_000 });

    public static FaultKind Truncated { get; } = new("truncated JSON", NotTheProtocol, _ => new() { Body = """{"jobs":[{"id":"01""" });

    public static FaultKind WrongTypes { get; } = new(
        "JSON of wrong types",
        NotTheProtocol,
        _ => new() { Body = """{"key":1,"cluster_queue_key":[],"jobs":{},"reserved":7,"job_acquisition_tokens":"none","states":[1],"errors":3}""" });

    public static FaultKind Unauthorized { get; } = new("401", "The agent token was refused", _ => new() { Status = 401 });

    public static FaultKind NotFound { get; } = new("404", ": 404", _ => new() { Status = 404 });

    /// <summary>Somebody removed the daemon's stack.</summary>
    public static FaultKind StackGone { get; } = new("stack gone", "", null);

    /// <summary>Done, but the answer does not arrive.</summary>
    public static FaultKind AnswerLost { get; } = new("answer lost", "Check the network", _ => new() { Reset = true, After = true });

    /// <summary>Another stack was quicker.</summary>
    public static FaultKind NotReserved { get; } = new("not reserved", "", id => new() { Body = $$"""{"reserved":[],"not_reserved":["{{id}}"]}""" });

    /// <summary>An agent of somebody else has the job.</summary>
    public static FaultKind WithAnotherAgent { get; } = new("job with another agent", "", id => new() { Body = $$$"""{"states":{"{{{id}}}":"accepted"}}""" });

    /// <summary>Passes by itself; a call that would cost a job is repeated.</summary>
    public static IReadOnlyList<FaultKind> Passing { get; } = [RateLimitedFor, RateLimited, Error, UnavailableFor, Unavailable, Reset, Stall];

    /// <summary>Repeating the same call at once would not help.</summary>
    public static IReadOnlyList<FaultKind> Lasting { get; } = [Truncated, WrongTypes, Unauthorized];

    public static IReadOnlyList<FaultKind> All { get; } = [.. Passing, .. Lasting];

    /// <summary>Those that can mean that nobody is there at all.</summary>
    public static IReadOnlyList<FaultKind> Away { get; } = [UnavailableFor, Unavailable, Reset, Stall];
}
