using MacRunners.Health;

namespace MacRunners.Jobs;

/// <summary>
/// Tears down now what a start would tear down: whatever an earlier job, or an earlier run of the daemon, left on the machine. The
/// way out of the dirty state without a restart. Only while no job is on the machine, since everything it finds counts as left behind.
/// </summary>
internal sealed partial class Sweep(
    QuietMachine machine,
    OrphanRecovery recovery,
    SelfTest selfTest,
    IDirtyState dirty,
    ILogger<Sweep> logger)
{
    /// <summary>Sweeps.</summary>
    /// <exception cref="RefusedException">Jobs are running, or something else has the machine to itself.</exception>
    /// <exception cref="MacRunners.Platform.AccountDirectoryException">The account database does not answer.</exception>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public async Task<SweepResult> RunAsync(CancellationToken cancellationToken)
    {
        using var hold = await machine.TakeAsync("a sweep is under way", cancellationToken);

        // Not interrupted once begun: a teardown goes on to its end.
        Sweeping(logger);
        var recovered = await recovery.RunAsync(CancellationToken.None);
        if (dirty.Reason is null)
        {
            // A self-test that failed for what is gone now shall not be waited for.
            selfTest.TestSoon();
        }

        return new SweepResult(dirty.Reason, recovered.TornDown);
    }

    [LoggerMessage(1395, LogLevel.Information, "Sweeping: what earlier jobs left is torn down")]
    private static partial void Sweeping(ILogger logger);
}

/// <summary>What a sweep came to.</summary>
/// <param name="DirtyBecause">What is left; null when everything is proven gone.</param>
/// <param name="TornDown">Jobs and accounts of which something was torn down.</param>
internal sealed record SweepResult(string? DirtyBecause, int TornDown);
