using MacRunners.Telemetry;

namespace MacRunners.Jobs;

/// <summary>Tries out on this machine what every job needs.</summary>
internal interface ICanary
{
    /// <summary>Runs once, and leaves nothing.</summary>
    /// <returns>How it ended; null when the machine cannot take jobs for a reason that needs no test to be seen.</returns>
    /// <exception cref="OperationCanceledException">The daemon stops; nothing is left all the same.</exception>
    /// <exception cref="IOException">The journal cannot be written: the daemon must not go on.</exception>
    Task<CanaryEnd?> RunAsync(CancellationToken cancellationToken);
}

/// <summary>How a run of the canary ended.</summary>
/// <param name="Result">In one word.</param>
/// <param name="Why">What went wrong, for people and without secrets; null when nothing did.</param>
internal sealed record CanaryEnd(SelfTestResult Result, string? Why = null);
