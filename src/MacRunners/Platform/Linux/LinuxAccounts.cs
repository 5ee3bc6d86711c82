using System.Globalization;
using System.Text.RegularExpressions;

namespace MacRunners.Platform.Linux;

/// <summary>Local accounts of Linux through the shadow tools.</summary>
internal sealed partial class LinuxAccounts(ITool tool, IProcessTable processes, TimeSpan limit, TimeProvider time) : IAccountDirectory
{
    private const string Prefix = "bk-";

    // useradd accepts 32 bytes.
    private const int DigitsOfUuid = 29;
    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly ShadowTools _shadow = new(tool, limit, time);

    /// <inheritdoc/>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        if (!await UntilAsync(() => LinuxNames.UserByName("root") is not null, limit, cancellationToken))
        {
            throw new AccountDirectoryException("The user root cannot be looked up: check /etc/passwd and /etc/nsswitch.conf");
        }
    }

    /// <inheritdoc/>
    public string NameFor(Guid job) => Prefix + job.ToString("N", CultureInfo.InvariantCulture)[..DigitsOfUuid];

    /// <inheritdoc/>
    public string? HolderOf(uint id) => OtherOwner(id, name: null)
        ?? (processes.OwnedBy(id) is [var process, ..] ? $"process {process.Identity.Pid} ({process.Command})" : null);

    /// <inheritdoc/>
    public AccountCommands CommandsFor(AccountSpec spec) => new(
        [ShadowTools.AddUserAndGroup(spec)], [ShadowTools.DeleteUser(spec.Name), ShadowTools.DeleteGroup(spec.Name)]);

    /// <inheritdoc/>
    public async Task<AccountCreation> CreateAsync(AccountSpec spec, CancellationToken cancellationToken)
    {
        Check(spec.Name);
        if (OtherOwner(spec.Id, spec.Name) is { } owner)
        {
            return new AccountCreation.IdTaken(owner);
        }

        await RemoveLeftoversAsync(spec, cancellationToken);
        if (LinuxNames.UserByName(spec.Name) is null && await AddAsync(spec, cancellationToken) is ShadowTools.Outcome.IdTaken)
        {
            return new AccountCreation.IdTaken($"a user or group with the number {spec.Id}");
        }

        return await UntilAsync(() => IsAsAsked(spec), Visibility, cancellationToken)
            ? new AccountCreation.Created(GeneratedUid: null)
            : throw new AccountDirectoryException(
                $"{spec.Name} ({spec.Id}) was made, but name look-ups do not show it: check /etc/nsswitch.conf and name service caches");
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        Check(name);
        var uid = LinuxNames.UserByName(name)?.Uid;
        if (await _shadow.DeleteUserAsync(name, cancellationToken) is ShadowTools.Outcome.Busy)
        {
            var alive = uid is { } id ? processes.OwnedBy(id).Select(process => $"{process.Identity.Pid} ({process.Command})") : [];
            throw new AccountDirectoryException($"userdel {name} refused, processes still use it: {string.Join(", ", alive)}");
        }

        // userdel has removed the group of the same name, but only while it is nobody else's, and where login.defs says so. The file is
        // read itself: a look-up may come from a cache.
        if ((await LinesAsync("/etc/group", cancellationToken)).Any(line => LocalRecord.Group(line)?.Name == name)
            && await _shadow.DeleteGroupAsync(name, cancellationToken) is ShadowTools.Outcome.Busy)
        {
            throw new AccountDirectoryException($"groupdel {name} refused: it is the primary group of another user");
        }

        if (!await UntilAsync(() => LinuxNames.UserByName(name) is null && LinuxNames.GroupByName(name) is null, Visibility, cancellationToken))
        {
            throw new AccountDirectoryException($"{name} was deleted, but name look-ups still show it: check name service caches");
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> NeutraliseAsync(string name, CancellationToken cancellationToken)
    {
        Check(name);
        var resisted = new List<string>();
        foreach (var (what, change) in ShadowTools.Useless)
        {
            try
            {
                if (await _shadow.ChangeUserAsync(name, change, cancellationToken) is ShadowTools.Outcome.Busy)
                {
                    resisted.Add($"{what} (processes still use the account)");
                }
            }
            catch (AccountDirectoryException e) when (!e.IsUnanswered)
            {
                resisted.Add($"{what} ({e.Message})");
            }
        }

        return resisted;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AccountEntry>> ListJobAccountsAsync(CancellationToken cancellationToken)
    {
        var users = (await LinesAsync("/etc/passwd", cancellationToken)).Select(LocalRecord.User).OfType<LocalRecord>().ToList();
        var groups = (await LinesAsync("/etc/group", cancellationToken)).Select(LocalRecord.Group).OfType<LocalRecord>();
        var names = users.Select(user => user.Name).ToHashSet();
        return [.. users
            .Concat(groups.Where(group => !names.Contains(group.Name)))
            .Where(record => JobName.IsMatch(record.Name))
            .Select(record => new AccountEntry(record.Name, record.Id, record.Home, GeneratedUid: null))];
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindTracesAsync(string name, uint id, Guid? generatedUid, CancellationToken cancellationToken) =>
        LinuxAccountTraces.FindAsync(name, id, cancellationToken);

    [GeneratedRegex(@"^bk-[0-9a-f]{29}\z")]
    private static partial Regex JobName { get; }

    private static void Check(string name)
    {
        if (!JobName.IsMatch(name))
        {
            throw new ArgumentException($"'{name}' is not the name of a job account", nameof(name));
        }
    }

    private static async Task<string[]> LinesAsync(string path, CancellationToken cancellationToken) =>
        await File.ReadAllLinesAsync(path, cancellationToken);

    // A group without its user is what a crash between the two left.
    private Task<ShadowTools.Outcome> AddAsync(AccountSpec spec, CancellationToken cancellationToken) => LinuxNames.GroupByName(spec.Name) is null
        ? _shadow.AddUserAndGroupAsync(spec, cancellationToken)
        : _shadow.AddUserAsync(spec, cancellationToken);

    private static bool IsAsAsked(AccountSpec spec) =>
        LinuxNames.UserByName(spec.Name) == new LinuxNames.User(spec.Name, spec.Id, spec.Id, spec.Home, spec.Shell)
        && LinuxNames.UserById(spec.Id)?.Name == spec.Name
        && LinuxNames.GroupById(spec.Id)?.Name == spec.Name;

    /// <summary>The account or group that has the number, if not the one of that name.</summary>
    private static string? OtherOwner(uint id, string? name)
    {
        if (LinuxNames.UserById(id) is { } user && user.Name != name)
        {
            return $"user {user.Name}";
        }

        return LinuxNames.GroupById(id) is { } group && group.Name != name ? $"group {group.Name}" : null;
    }

    /// <summary>
    /// The name is one job's alone, so a user or group of that name which is not as asked is what an earlier attempt
    /// with another number, or a crash, left behind; so is a user without its group.
    /// </summary>
    private async Task RemoveLeftoversAsync(AccountSpec spec, CancellationToken cancellationToken)
    {
        var user = LinuxNames.UserByName(spec.Name);
        var group = LinuxNames.GroupByName(spec.Name);
        if ((user is not null && (group is null || user != new LinuxNames.User(spec.Name, spec.Id, spec.Id, spec.Home, spec.Shell)))
            || (group is not null && group.Gid != spec.Id))
        {
            await DeleteAsync(spec.Name, cancellationToken);
        }
    }

    private async Task<bool> UntilAsync(Func<bool> holds, TimeSpan patience, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        while (!holds())
        {
            if (time.GetElapsedTime(begin) >= patience)
            {
                return false;
            }

            await Task.Delay(Step, time, cancellationToken);
        }

        return true;
    }
}
