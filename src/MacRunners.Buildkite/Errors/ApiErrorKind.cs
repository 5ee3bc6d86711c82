namespace MacRunners.Buildkite;

/// <summary>Kinds of failure that call for different reactions.</summary>
public enum ApiErrorKind
{
    /// <summary>401: token missing, wrong, expired or used from a forbidden address. Take no jobs, try again after minutes.</summary>
    Unauthorized,

    /// <summary>403: quota of stacks reached, or a permission missing. As 401; the service's message says which.</summary>
    Forbidden,

    /// <summary>404: stack, queue or job unknown. On listing: register again; on a job: forget it.</summary>
    NotFound,

    /// <summary>Any other 4xx, or a redirect: a bug or a wrong configuration; repeating does not help.</summary>
    Invalid,

    /// <summary>429, or a call held back because the service asked for no such call for a while.</summary>
    RateLimited,

    /// <summary>5xx, or the circuit breaker is open after many failures in a row.</summary>
    Unavailable,

    /// <summary>The connection failed.</summary>
    Network,

    /// <summary>No complete answer within the time limit of one attempt.</summary>
    TimedOut,

    /// <summary>A successful answer that is not what the protocol promises, or larger than the limit.</summary>
    Malformed,
}
