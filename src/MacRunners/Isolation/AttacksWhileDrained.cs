using System.Runtime.CompilerServices;
using MacRunners.Jobs;
using MacRunners.Teardown;

namespace MacRunners.Isolation;

/// <summary>Attacks on a machine whose daemon runs: with its rights, under its supervision, while it is drained and no job is on it.</summary>
internal sealed partial class AttacksWhileDrained(
    Admission admission, QuietMachine machine, DirtyState dirty, IsolationTest test, ILogger<AttacksWhileDrained> logger)
{
    /// <summary>Makes them, and keeps jobs and self-tests away meanwhile.</summary>
    /// <param name="attacks">Which.</param>
    /// <param name="scale">How much is made of what much is made of.</param>
    /// <param name="cancellationToken">Ends it, after what has been begun is torn down.</param>
    /// <exception cref="RefusedException">The machine is not drained, has jobs, is dirty, or something else has it to itself.</exception>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public async IAsyncEnumerable<AttackResult> RunAsync(
        IReadOnlyList<Attack> attacks, AttackScale scale, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (admission.Drained is null)
        {
            throw new RefusedException("the machine takes jobs: `macrunners drain --wait` first");
        }

        using var hold = await machine.TakeAsync("attacks are made on this machine, as an operator asked (`macrunners selftest isolation`)", cancellationToken);

        if (dirty.Reason is { } reason)
        {
            throw new RefusedException($"the machine is dirty: {reason}. `macrunners sweep` first");
        }

        Begins(logger, attacks.Count);
        await foreach (var result in test.RunAsync(attacks, scale, isAlone: false, cancellationToken))
        {
            Ended(logger, result.Id, result.Outcome, string.Join("; ", result.Details));
            yield return result;
        }
    }

    [LoggerMessage(2501, LogLevel.Information, "An operator has {Count} attacks made on this machine; what follows is not a job's doing")]
    private static partial void Begins(ILogger logger, int count);

    [LoggerMessage(2502, LogLevel.Information, "Attack {Attack}: {Outcome} {Details}")]
    private static partial void Ended(ILogger logger, string attack, AttackOutcome outcome, string details);
}
