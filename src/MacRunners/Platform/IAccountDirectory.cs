namespace MacRunners.Platform;

/// <summary>Local accounts and groups: <c>dscl</c> on macOS, the shadow tools on Linux.</summary>
/// <remarks>
/// Every account has a group of the same name and the same number. Calls are safe to repeat: creating what a crash left
/// half made completes it, deleting what is gone succeeds.
/// </remarks>
internal interface IAccountDirectory
{
    /// <summary>Waits until the directory answers (at boot it may start after the daemon).</summary>
    /// <exception cref="AccountDirectoryException">It did not answer within <see cref="Settings.JobsOptions.DirectoryTimeout"/>.</exception>
    Task WaitUntilReadyAsync(CancellationToken cancellationToken);

    /// <summary>The account's name for a job: <c>bk-</c> and the job's UUID, shortened where the platform's names end earlier.</summary>
    string NameFor(Guid job);

    /// <summary>
    /// Who has the number, as far as a look tells that starts no program and changes nothing: a user, a group, a process, a setting. Null:
    /// nobody seems to. Asked before the number is written down as a job's, after which everything with it counts as the job's own.
    /// </summary>
    string? HolderOf(uint id);

    /// <summary>The commands by which the account would be created and deleted, for people: nothing is run.</summary>
    AccountCommands CommandsFor(AccountSpec spec);

    /// <summary>
    /// Creates the group and the account, claims the number, and returns when both are visible to name look-ups. No
    /// password, no further groups, no home folder (the caller makes it).
    /// </summary>
    /// <returns><see cref="AccountCreation.IdTaken"/> when the number turns out to belong to somebody else: the caller tries the next one with the same name.</returns>
    /// <exception cref="AccountDirectoryException">Anything else; whatever was made is left for <see cref="DeleteAsync"/>.</exception>
    Task<AccountCreation> CreateAsync(AccountSpec spec, CancellationToken cancellationToken);

    /// <summary>Deletes account and group, and returns when neither is visible any more. What is already gone is no error.</summary>
    /// <exception cref="AccountDirectoryException">Refused or not effective; says what remains.</exception>
    Task DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Makes an account that cannot be deleted of no use to anybody: no shell, no password, no home. Name, number and group stay, so nobody
    /// else gets the number, and <see cref="DeleteAsync"/> finds it once it may. What is already so, or gone, is no error.
    /// </summary>
    /// <returns>What could not be changed, and why; empty when nothing resisted.</returns>
    /// <exception cref="AccountDirectoryException">The directory does not answer.</exception>
    Task<IReadOnlyList<string>> NeutraliseAsync(string name, CancellationToken cancellationToken);

    /// <summary>All accounts and groups whose name has exactly the form of <see cref="NameFor"/>, half-made ones included.</summary>
    Task<IReadOnlyList<AccountEntry>> ListJobAccountsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Names of the accounts and groups that carry this name or number now, and of the groups that list the account by name or UUID, by a
    /// fresh look-up that shares no code with the methods above (the proof's view).
    /// </summary>
    Task<IReadOnlyList<string>> FindTracesAsync(string name, uint id, Guid? generatedUid, CancellationToken cancellationToken);
}

/// <summary>An account to create.</summary>
/// <param name="Name">Name of the account and of its group.</param>
/// <param name="Id">User and group number.</param>
/// <param name="Home">Absolute path of the home.</param>
/// <param name="Shell">Login shell.</param>
/// <param name="Description">Full name, for people.</param>
internal sealed record AccountSpec(string Name, uint Id, string Home, string Shell, string Description);

/// <summary>Programs with their arguments, in the order in which they run when all goes well; what only looks is left out.</summary>
/// <param name="Create">Make group and account.</param>
/// <param name="Delete">Delete them.</param>
internal sealed record AccountCommands(IReadOnlyList<IReadOnlyList<string>> Create, IReadOnlyList<IReadOnlyList<string>> Delete);

/// <summary>How a creation ended.</summary>
internal abstract record AccountCreation
{
    private AccountCreation()
    {
    }

    /// <summary>Account and group exist and are visible.</summary>
    /// <param name="GeneratedUid">macOS: the account's UUID, part of the path of its private folders; else null.</param>
    internal sealed record Created(Guid? GeneratedUid) : AccountCreation;

    /// <summary>User or group number is in use.</summary>
    /// <param name="By">Who has it, for the log.</param>
    internal sealed record IdTaken(string By) : AccountCreation;
}

/// <summary>An account, or a group without one, found in the directory.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its number; null for a half-made record that has none.</param>
/// <param name="Home">Home as recorded (never trusted: the account's owner may change it); null for a group.</param>
/// <param name="GeneratedUid">macOS only.</param>
internal sealed record AccountEntry(string Name, uint? Id, string? Home, Guid? GeneratedUid);

/// <summary>The account directory refused or failed; the message says what was tried, what it answered and what to do.</summary>
internal sealed class AccountDirectoryException(string message, bool isRefused = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True when the system withholds the right (macOS: -14120, Full Disk Access is missing): repeating is pointless.</summary>
    public bool IsRefused { get; } = isRefused;

    /// <summary>True when there was no answer in time: nobody knows what was done.</summary>
    public bool IsUnanswered => InnerException is ToolException { IsTimeout: true };
}
