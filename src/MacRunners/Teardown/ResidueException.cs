using MacRunners.Accounts;
using MacRunners.Telemetry;

namespace MacRunners.Teardown;

/// <summary>A teardown step could not remove everything.</summary>
internal sealed class ResidueException(IReadOnlyList<Residue> residue) : Exception(string.Join("; ", residue))
{
    /// <summary>What is left.</summary>
    public IReadOnlyList<Residue> Residue { get; } = residue;

    /// <summary>Before anything is done to what belongs to an account's number: a record can say any number, root's as well.</summary>
    /// <exception cref="ResidueException">The number is not one of the jobs'.</exception>
    public static void ThrowIfForeign(JobAccount account, AccountRange range)
    {
        if (!range.Contains(account.Id))
        {
            throw new ResidueException([new Residue(ResidueKind.Account, $"{account.Name} has the number {account.Id}, which is outside {range}; nothing of it was touched")]);
        }
    }
}
