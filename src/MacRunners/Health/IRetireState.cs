namespace MacRunners.Health;

/// <summary>Whether the machine asks to be replaced or rebooted. Never blocks.</summary>
internal interface IRetireState
{
    /// <summary>Which limit was reached (jobs, hours, user numbers, a kernel resource), for people; null while none is.</summary>
    string? Reason { get; }
}
