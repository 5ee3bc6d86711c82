namespace MacRunners.Fleet.Orka;

/// <summary>Why Orka did not do what was asked.</summary>
internal enum OrkaFault
{
    /// <summary>It cannot be reached, or answers with an error of its own.</summary>
    Unavailable,

    /// <summary>The token is refused, or may not do this.</summary>
    Denied,

    /// <summary>The name is taken by something else.</summary>
    Conflict,

    /// <summary>What was asked for is not there.</summary>
    NotFound,

    /// <summary>It took longer than allowed.</summary>
    Timeout,

    /// <summary>The VM or image failed.</summary>
    Failed,

    /// <summary>The request or the settings are wrong.</summary>
    Invalid,
}

/// <summary>Orka did not do what was asked; the message says what to do.</summary>
internal sealed class OrkaException(OrkaFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The kind.</summary>
    public OrkaFault Fault { get; } = fault;
}
