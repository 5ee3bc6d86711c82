using System.Globalization;
using System.Text.RegularExpressions;

namespace MacRunners.Platform.MacOS;

/// <summary>Local accounts of macOS through <c>dscl</c>.</summary>
internal sealed partial class MacAccounts(ITool tool, IProcessTable processes, TimeSpan limit, TimeProvider time, string root) : IAccountDirectory
{
    private const string Prefix = "bk-";
    private const string Standard = "dsAttrTypeStandard:";
    private const string Native = "dsAttrTypeNative:";
    private const string Authority = "AuthenticationAuthority";
    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PatienceWithCaches = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(10);

    private readonly string _program = root + "/usr/bin/dscl";
    private readonly Dscl _dscl = new(tool, root + "/usr/bin/dscl", limit, time);

    /// <inheritdoc/>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        // At boot the daemon may be earlier than opendirectoryd.
        var begin = time.GetTimestamp();
        while (true)
        {
            try
            {
                if (MacNames.UserByName("root") is not null
                    && (await _dscl.RunAsync(cancellationToken, "-list", "/Users", "UniqueID")).Means is DsclAnswer.Meaning.Done)
                {
                    return;
                }
            }
            catch (AccountDirectoryException) when (time.GetElapsedTime(begin) < limit)
            {
                // Not up yet; the last failure is reported.
            }

            if (time.GetElapsedTime(begin) >= limit)
            {
                throw new AccountDirectoryException("The account directory does not answer: the user root cannot be looked up. Check that opendirectoryd runs");
            }

            await Task.Delay(Step, time, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public string NameFor(Guid job) => Prefix + job.ToString("D", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public string? HolderOf(uint id) => MacNames.UserById(id) is { } user ? $"user {user}"
        : MacNames.GroupById(id) is { } group ? $"group {group}"
        : ForeignUse(id);

    /// <inheritdoc/>
    public AccountCommands CommandsFor(AccountSpec spec)
    {
        var (user, group) = (UserPath(spec.Name), GroupPath(spec.Name));
        return new AccountCommands(
            [
                Create(group, ("PrimaryGroupID", Number(spec.Id))),
                .. GroupDescription.Select(attribute => Create(group, attribute)),
                Create(user, ("UniqueID", Number(spec.Id))),
                .. UserDescription(spec).Select(attribute => Create(user, attribute)),
            ],
            [[_program, ".", "-delete", user], [_program, ".", "-delete", group]]);

        IReadOnlyList<string> Create(string path, (string Key, string Value) attribute) => [_program, ".", "-create", path, attribute.Key, attribute.Value];
    }

    /// <inheritdoc/>
    public async Task<AccountCreation> CreateAsync(AccountSpec spec, CancellationToken cancellationToken)
    {
        if (ForeignUse(spec.Id) is { } use)
        {
            return new AccountCreation.IdTaken(use);
        }

        // Writing the number is the claim: the directory refuses it when another record has it. The record then stays
        // behind without number, and the next attempt completes it.
        if (!await SetAsync(GroupPath(spec.Name), "PrimaryGroupID", Number(spec.Id), cancellationToken))
        {
            return new AccountCreation.IdTaken($"a group with the number {spec.Id}");
        }

        if (!await SetAsync(UserPath(spec.Name), "UniqueID", Number(spec.Id), cancellationToken))
        {
            return new AccountCreation.IdTaken($"a user with the number {spec.Id}");
        }

        var sameNumber = await DescribeAsync(spec, cancellationToken);
        if (sameNumber.FirstOrDefault(holder => holder != spec.Name) is { } other)
        {
            return new AccountCreation.IdTaken($"group {other}");
        }

        var generated = await CompleteAsync(spec, cancellationToken);
        if (!await VisibleAsync(
            () => MacNames.UserByName(spec.Name) == spec.Id && MacNames.UserById(spec.Id) == spec.Name && MacNames.GroupById(spec.Id) == spec.Name,
            cancellationToken))
        {
            throw new AccountDirectoryException($"{spec.Name} ({spec.Id}) was made, but name look-ups do not show it, not even after flushing the caches");
        }

        return new AccountCreation.Created(generated);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var id = MacNames.UserByName(name) ?? MacNames.GroupByName(name);
        foreach (var path in new[] { UserPath(name), GroupPath(name) })
        {
            // What is gone already answers "absent", which is as good.
            await _dscl.RunAsync(cancellationToken, "-delete", path);

            // What no look-up shows, because it has no number, shows only so.
            if (id is null && (await _dscl.RunAsync(cancellationToken, "-read", path, "RecordName")).Means is not DsclAnswer.Meaning.Absent)
            {
                throw new AccountDirectoryException($"dscl deleted {path} without an error, but the record is still there");
            }
        }

        if (!await VisibleAsync(() => IsInvisible(name, id), cancellationToken))
        {
            throw new AccountDirectoryException($"{name} was deleted, but name look-ups still show it, even after flushing the caches");
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> NeutraliseAsync(string name, CancellationToken cancellationToken)
    {
        // Where there is no record, a write would make one.
        var path = UserPath(name);
        if (await _dscl.ReadAsync(path, cancellationToken, [.. Useless.Select(attribute => attribute.Key), Authority]) is not { } user)
        {
            return [];
        }

        var resisted = new List<string>();
        foreach (var (key, value) in Useless.Where(attribute => First(user, attribute.Key) != attribute.Value))
        {
            await TryAsync(key, () => SetOwnAsync(path, key, value, cancellationToken));
        }

        // A job may have given its account a password, which lies behind this.
        if (First(user, Authority) is not null)
        {
            await TryAsync(Authority, () => _dscl.RunAsync(cancellationToken, "-delete", path, Authority));
        }

        return resisted;

        async Task TryAsync(string key, Func<Task> write)
        {
            try
            {
                await write();
            }
            catch (AccountDirectoryException e) when (!e.IsUnanswered)
            {
                resisted.Add(e.IsRefused ? $"{key} (refused)" : $"{key} ({e.Message})");
            }
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AccountEntry>> ListJobAccountsAsync(CancellationToken cancellationToken)
    {
        // The lists with numbers leave half-made records out, the plain ones do not.
        var users = JobNames(await ListAsync("/Users", null, cancellationToken));
        var groups = JobNames(await ListAsync("/Groups", null, cancellationToken)).Except(users).ToList();
        var userIds = await ListAsync("/Users", "UniqueID", cancellationToken);
        var groupIds = await ListAsync("/Groups", "PrimaryGroupID", cancellationToken);
        var entries = new List<AccountEntry>();
        foreach (var name in users)
        {
            // Gone in between: nothing to list.
            if (await _dscl.ReadAsync(UserPath(name), cancellationToken, "NFSHomeDirectory", "GeneratedUID") is { } attributes)
            {
                entries.Add(new AccountEntry(
                    name,
                    RecordList.Id(userIds, name) ?? RecordList.Id(groupIds, name),
                    First(attributes, "NFSHomeDirectory"),
                    Guid.TryParse(First(attributes, "GeneratedUID"), out var generated) ? generated : null));
            }
        }

        entries.AddRange(groups.Select(name => new AccountEntry(name, RecordList.Id(groupIds, name), Home: null, GeneratedUid: null)));
        return entries;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindTracesAsync(string name, uint id, Guid? generatedUid, CancellationToken cancellationToken) =>
        new MacAccountTraces(_dscl).FindAsync(name, id, generatedUid, cancellationToken);

    [GeneratedRegex(@"^bk-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z")]
    private static partial Regex JobName { get; }

    /// <summary>Whether it has exactly the form of <see cref="NameFor"/>.</summary>
    internal static bool IsJobName(string name) => JobName.IsMatch(name);

    // Every path of every command is built here, so no other record can be touched, whatever the journal says.
    private static string UserPath(string name) => "/Users/" + Checked(name);

    private static string GroupPath(string name) => "/Groups/" + Checked(name);

    private static string Checked(string name) =>
        JobName.IsMatch(name) ? name : throw new ArgumentException($"'{name}' is not the name of a job account", nameof(name));

    private static IReadOnlyList<string> JobNames(IReadOnlyList<(string Name, string? Value)> list) =>
        [.. list.Select(record => record.Name).Where(name => JobName.IsMatch(name))];

    private static string Number(uint id) => id.ToString(CultureInfo.InvariantCulture);

    private static string? First(IReadOnlyDictionary<string, IReadOnlyList<string>> attributes, string key) =>
        (attributes.GetValueOrDefault(Standard + key) ?? attributes.GetValueOrDefault(Native + key)) is [var value, ..] ? value : null;

    private static bool IsInvisible(string name, uint? id) =>
        MacNames.UserByName(name) is null && MacNames.GroupByName(name) is null
        && (id is not { } number || (MacNames.UserById(number) != name && MacNames.GroupById(number) != name));

    /// <summary>What the directory does not know of: processes, and launchd's settings, which outlive account and boot.</summary>
    private string? ForeignUse(uint id)
    {
        if (processes.OwnedBy(id) is [var process, ..])
        {
            return $"process {process.Identity.Pid} ({process.Command})";
        }

        var overrides = $"{root}/private/var/db/com.apple.xpc.launchd/disabled.{id}.plist";
        return File.Exists(overrides) ? overrides : null;
    }

    private static IEnumerable<(string Path, string Key, string Value)> Description(AccountSpec spec) =>
    [
        .. GroupDescription.Select(attribute => (GroupPath(spec.Name), attribute.Key, attribute.Value)),
        .. UserDescription(spec).Select(attribute => (UserPath(spec.Name), attribute.Key, attribute.Value)),
    ];

    // No more than a group needs: the directory takes its time for each.
    private static IReadOnlyList<(string Key, string Value)> GroupDescription => [("Password", "*")];

    private static IReadOnlyList<(string Key, string Value)> UserDescription(AccountSpec spec) =>
    [
        ("PrimaryGroupID", Number(spec.Id)),
        ("UserShell", spec.Shell),
        ("RealName", spec.Description),
        ("IsHidden", "1"),

        // No password: the account can neither log in nor become the last holder of a secure token, which nobody could delete.
        ("Password", "*"),
        ("NFSHomeDirectory", spec.Home),
    ];

    // Changing a home needs the right that deleting needs, so this one is most likely refused, too: it comes last.
    private static IReadOnlyList<(string Key, string Value)> Useless => [("UserShell", "/usr/bin/false"), ("Password", "*"), ("NFSHomeDirectory", "/var/empty")];

    /// <summary>Writes what describes both records, all in one run, because each run costs up to 100 ms.</summary>
    /// <returns>The names of the groups that have the number: unlike a user's, a group's is not surely guarded.</returns>
    private async Task<IReadOnlyList<string>> DescribeAsync(AccountSpec spec, CancellationToken cancellationToken)
    {
        string[] search = ["-search", "/Groups", "PrimaryGroupID", Number(spec.Id)];
        var holders = RecordList.Matches(await _dscl.RunBatchAsync(
            [.. Description(spec).Select(attribute => new[] { "-create", attribute.Path, attribute.Key, attribute.Value }), search],
            cancellationToken));

        // Without our own group in it the search has not run.
        return holders.Contains(spec.Name) ? holders : RecordList.Matches((await _dscl.RunAsync(cancellationToken, search)).Result.Output);
    }

    /// <summary>Writes singly what is not as described, so that its error can be read, and verifies the account.</summary>
    /// <returns>The user's GeneratedUID.</returns>
    private async Task<Guid> CompleteAsync(AccountSpec spec, CancellationToken cancellationToken)
    {
        var records = await Task.WhenAll(
            ReadAsync(UserPath(spec.Name), ["UniqueID", "GeneratedUID", .. UserDescription(spec).Select(attribute => attribute.Key)], cancellationToken),
            ReadAsync(GroupPath(spec.Name), [.. GroupDescription.Select(attribute => attribute.Key)], cancellationToken));
        var (user, group) = (records[0], records[1]);
        var missing = Description(spec)
            .Where(attribute => First(attribute.Path == UserPath(spec.Name) ? user : group, attribute.Key) != attribute.Value)
            .ToList();
        foreach (var (path, key, value) in missing)
        {
            await SetOwnAsync(path, key, value, cancellationToken);
        }

        if (missing is not [])
        {
            user = await ReadAsync(UserPath(spec.Name), ["UniqueID", "PrimaryGroupID", "NFSHomeDirectory", "GeneratedUID"], cancellationToken);
        }

        if (First(user, "UniqueID") != Number(spec.Id) || First(user, "PrimaryGroupID") != Number(spec.Id) || First(user, "NFSHomeDirectory") != spec.Home)
        {
            throw new AccountDirectoryException($"{spec.Name} was made, but its record does not say what was written to it");
        }

        return Guid.TryParse(First(user, "GeneratedUID"), out var generated)
            ? generated
            : throw new AccountDirectoryException($"{spec.Name} has no GeneratedUID, so its private folders could not be found again");
    }

    private async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> ReadAsync(string path, IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        await _dscl.ReadAsync(path, cancellationToken, keys)
        ?? throw new AccountDirectoryException($"{path} was made, but it is not there");

    /// <summary>Creates or replaces an attribute, and the record first where there is none.</summary>
    /// <returns>False when another record has the value.</returns>
    private async Task<bool> SetAsync(string path, string key, string value, CancellationToken cancellationToken)
    {
        var answer = await _dscl.RunAsync(cancellationToken, "-create", path, key, value);
        return answer.Means switch
        {
            DsclAnswer.Meaning.Done => true,
            DsclAnswer.Meaning.Taken => false,
            _ => throw new AccountDirectoryException($"dscl -create {path} {key} failed with {answer.Result.Summary}"),
        };
    }

    private async Task SetOwnAsync(string path, string key, string value, CancellationToken cancellationToken)
    {
        if (!await SetAsync(path, key, value, cancellationToken))
        {
            throw new AccountDirectoryException($"dscl -create {path} {key} answered that another record has this value");
        }
    }

    private async Task<IReadOnlyList<(string Name, string? Value)>> ListAsync(string folder, string? key, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> command = key is null ? ["-list", folder] : ["-list", folder, key];
        var answer = await _dscl.RunAsync(cancellationToken, command);
        return answer.Means is DsclAnswer.Meaning.Done
            ? RecordList.Parse(answer.Result.Output, withValues: key is not null)
            : throw new AccountDirectoryException($"dscl {string.Join(' ', command)} failed with {answer.Result.Summary}");
    }

    /// <summary>Polls the look-ups; caches that still hold the old answer after a second are flushed once.</summary>
    private async Task<bool> VisibleAsync(Func<bool> holds, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        var flushed = false;
        while (!holds())
        {
            var waited = time.GetElapsedTime(begin);
            if (waited >= Visibility)
            {
                return false;
            }

            if (!flushed && waited >= PatienceWithCaches)
            {
                flushed = true;
                await FlushAsync("/usr/bin/dscacheutil", "-flushcache", cancellationToken);
                await FlushAsync("/usr/bin/dsmemberutil", "flushcache", cancellationToken);
            }

            await Task.Delay(Step, time, cancellationToken);
        }

        return true;
    }

    private async Task FlushAsync(string program, string command, CancellationToken cancellationToken)
    {
        try
        {
            // Its answer does not matter: the look-ups are asked again.
            await tool.RunAsync(root + program, [command], FlushLimit, cancellationToken);
        }
        catch (ToolException e)
        {
            throw new AccountDirectoryException(e.Message, inner: e);
        }
    }
}
