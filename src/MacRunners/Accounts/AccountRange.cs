using MacRunners.Settings;
using Microsoft.Extensions.Options;

namespace MacRunners.Accounts;

/// <summary>
/// The numbers that belong to this daemon alone. Everything that kills, moves or deletes asks here first: whatever a
/// journal, an account database or a crash may say, another number is never acted upon.
/// </summary>
internal sealed class AccountRange(IOptions<AccountsOptions> options)
{
    /// <summary>First number.</summary>
    public uint First { get; } = (uint)options.Value.UidMin;

    /// <summary>Last number.</summary>
    public uint Last { get; } = (uint)options.Value.UidMax;

    /// <summary>Whether the number is one of them.</summary>
    public bool Contains(uint id) => id >= First && id <= Last;

    /// <inheritdoc/>
    public override string ToString() => $"Accounts:UidMin..UidMax ({First}..{Last})";
}
