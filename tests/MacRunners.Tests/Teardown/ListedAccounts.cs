using MacRunners.Platform;

namespace MacRunners.Tests.Teardown;

/// <summary>An account database in memory, which can refuse to delete.</summary>
internal sealed class ListedAccounts : IAccountDirectory
{
    internal List<AccountEntry> Entries { get; } = [];

    internal List<string> Deleted { get; } = [];

    internal List<string> Neutralised { get; } = [];

    /// <summary>What of an account cannot be neutralised.</summary>
    internal IReadOnlyList<string> Resisting { get; set; } = [];

    /// <summary>Why nothing is created; null while it is.</summary>
    internal string? NoCreation { get; set; }

    /// <summary>Numbers that a look shows as somebody's.</summary>
    internal Dictionary<uint, string> Holders { get; } = [];

    /// <summary>Numbers that turn out to be somebody's only when they are claimed.</summary>
    internal HashSet<uint> TakenMeanwhile { get; } = [];

    /// <summary>Told when one of those is claimed.</summary>
    internal Action Claimed { get; set; } = () => { };

    /// <summary>How many of the next deletions fail for a reason that may pass.</summary>
    internal int FailingDeletions { get; set; }

    /// <summary>Why nothing is ever deleted; null while it is.</summary>
    internal string? Refusal { get; set; }

    /// <summary>What a deletion waits for before it begins; null: nothing.</summary>
    internal Func<Task>? BeforeDeletion { get; set; }

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public string NameFor(Guid job) => $"bk-{job:n}"[..32];

    public string? HolderOf(uint id) => Holders.GetValueOrDefault(id);

    public AccountCommands CommandsFor(AccountSpec spec) => new([["create", spec.Name]], [["delete", spec.Name]]);

    public Task<AccountCreation> CreateAsync(AccountSpec spec, CancellationToken cancellationToken)
    {
        if (NoCreation is not null)
        {
            throw new AccountDirectoryException(NoCreation);
        }

        if (TakenMeanwhile.Contains(spec.Id))
        {
            Claimed();
            return Task.FromResult<AccountCreation>(new AccountCreation.IdTaken("somebody"));
        }

        Entries.Add(new AccountEntry(spec.Name, spec.Id, spec.Home, null));
        return Task.FromResult<AccountCreation>(new AccountCreation.Created(null));
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if (BeforeDeletion is { } before)
        {
            await before();
        }

        if (FailingDeletions > 0)
        {
            FailingDeletions--;
            throw new AccountDirectoryException("no space left");
        }

        if (Refusal is not null)
        {
            throw new AccountDirectoryException(Refusal, isRefused: true);
        }

        Deleted.Add(name);
        Entries.RemoveAll(entry => entry.Name == name);
    }

    public Task<IReadOnlyList<string>> NeutraliseAsync(string name, CancellationToken cancellationToken)
    {
        Neutralised.Add(name);
        return Task.FromResult(Resisting);
    }

    public Task<IReadOnlyList<AccountEntry>> ListJobAccountsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AccountEntry>>([.. Entries]);

    public Task<IReadOnlyList<string>> FindTracesAsync(string name, uint id, Guid? generatedUid, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. Entries.Where(entry => entry.Name == name || entry.Id == id).Select(entry => $"{entry.Name} is listed")]);
}
