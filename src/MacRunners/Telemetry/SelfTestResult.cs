namespace MacRunners.Telemetry;

/// <summary>How a self-test ended.</summary>
internal enum SelfTestResult
{
    /// <summary>An account was made, a program ran in it, and nothing was left of either.</summary>
    Passed,

    /// <summary>The account could not be made, or the program did not run; nothing was left.</summary>
    Failed,

    /// <summary>Something was left: the machine is dirty.</summary>
    Dirty,
}
