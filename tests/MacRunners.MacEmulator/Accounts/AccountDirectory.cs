using System.Globalization;

namespace MacRunners.MacEmulator.Accounts;

/// <summary>
/// What opendirectoryd does with the local node: records, unique numbers, and the gates in front of writes. Works on a state
/// in memory; <see cref="DirectorySession"/> loads and saves it.
/// </summary>
/// <param name="state">The emulator's own records.</param>
/// <param name="policy">Who asks, and what is to go wrong.</param>
internal sealed class AccountDirectory(DirectoryState state, DirectoryPolicy policy)
{
    private const int LongestName = 244;
    private const string AttributeStage = "attribute status";
    private const string DeleteStage = "delete status";

    /// <summary>All records of a kind, sorted without regard to case.</summary>
    internal IReadOnlyList<DirectoryRecord> All(RecordType type)
    {
        var (own, builtIn, foreign) = type == RecordType.Users
            ? (state.Users, BuiltInRecords.Users, HostAccounts.ForeignUsers(state))
            : (state.Groups, BuiltInRecords.Groups, HostAccounts.ForeignGroups(state));

        // The Linux host has a root, a daemon and so on, too: the Mac's own stand for them.
        var shown = builtIn.Concat(own).ToList();
        var names = shown.Select(record => record.Name).ToHashSet(StringComparer.Ordinal);
        return [.. shown
            .Concat(foreign.Where(record => !names.Contains(record.Name)))
            .OrderBy(record => record.Name, StringComparer.OrdinalIgnoreCase)];
    }

    internal DirectoryRecord? Find(RecordType type, string name) => All(type).FirstOrDefault(record => record.Name == name);

    /// <summary>Creates the record unless it exists.</summary>
    internal void Create(RecordType type, string name)
    {
        RequireRoot(AttributeStage);
        _ = FindOrCreate(type, name);
    }

    /// <summary>Creates the record unless it exists, and sets the whole attribute.</summary>
    internal void Set(RecordType type, string name, string attribute, IReadOnlyList<string> values)
    {
        RequireRoot(AttributeStage);

        // Names above the limit fail without a word.
        if (FindOrCreate(type, name) is { } record)
        {
            Write(type, record, attribute, [.. values]);
        }
    }

    /// <summary>Gives the user a password, which is kept nowhere: only that there is one can be seen.</summary>
    internal void SetPassword(RecordType type, string name)
    {
        RequireRoot(AttributeStage);
        var record = Require(type, name);
        Write(type, record, AttributeName.Password, ["********"]);
        Write(type, record, AttributeName.AuthenticationAuthority, [";ShadowHash;HASHLIST:<SALTED-SHA512-PBKDF2,SRP-RFC5054-4096-SHA512-PBKDF2>"]);
    }

    /// <summary>Adds values at the end.</summary>
    /// <param name="type">Kind.</param>
    /// <param name="name">Record.</param>
    /// <param name="attribute">Full name.</param>
    /// <param name="values">Values to add.</param>
    /// <param name="unique">Leaves out those that are present already.</param>
    internal void Append(RecordType type, string name, string attribute, IReadOnlyList<string> values, bool unique)
    {
        RequireRoot(AttributeStage);
        var record = Require(type, name);
        var present = record.Attributes.GetValueOrDefault(attribute) ?? [];
        Write(type, record, attribute, [.. present, .. values.Where(value => !unique || !present.Contains(value))]);
    }

    /// <summary>Replaces one value.</summary>
    internal void Change(RecordType type, string name, string attribute, string old, string value)
    {
        RequireRoot(AttributeStage);
        var record = Require(type, name);
        Write(type, record, attribute, [.. RequireValue(record, attribute, old).Select(present => present == old ? value : present)]);
    }

    /// <summary>Removes an attribute, or one value of it.</summary>
    internal void DeleteAttribute(RecordType type, string name, string attribute, string? value)
    {
        RequireRoot(AttributeStage);
        var record = Require(type, name);
        var present = RequireValue(record, attribute, value);
        Write(type, record, attribute, value is null ? null : [.. present.Where(other => other != value)]);
    }

    /// <summary>Removes the record; home, processes and memberships stay.</summary>
    internal void Delete(RecordType type, string name)
    {
        RequireRoot(DeleteStage);
        var record = Require(type, name);
        if (type == RecordType.Users && policy.PrivacyDenied)
        {
            throw new DirectoryServiceException(DirectoryStatus.PermissionError, DeleteStage);
        }

        RequireOwn(record, DeleteStage);
        _ = Own(type).Remove(record);
    }

    private static string IdAttribute(RecordType type) => type == RecordType.Users ? AttributeName.UniqueId : AttributeName.PrimaryGroupId;

    private List<DirectoryRecord> Own(RecordType type) => type == RecordType.Users ? state.Users : state.Groups;

    private DirectoryRecord Require(RecordType type, string name) =>
        Find(type, name) ?? throw new DirectoryServiceException(DirectoryStatus.UnknownNodeName);

    private DirectoryRecord? FindOrCreate(RecordType type, string name)
    {
        if (Find(type, name) is { } present)
        {
            return present;
        }

        if (name.Length > LongestName)
        {
            return null;
        }

        if (name.Length == 0 || name.Any(c => char.IsControl(c) || c is ':' or ','))
        {
            throw new DirectoryServiceException(DirectoryStatus.InvalidRecordName, AttributeStage);
        }

        var record = new DirectoryRecord
        {
            Name = name,
            VisibleFrom = policy.VisibleFrom,
            Attributes = new(StringComparer.Ordinal)
            {
                [AttributeName.RecordName] = [name],
                [AttributeName.RecordType] = [$"dsRecTypeStandard:{type}"],
                [AttributeName.NodeLocation] = ["/Local/Default"],
                [AttributeName.GeneratedUid] = [policy.NewId().ToString("D").ToUpperInvariant()],
                [AttributeName.NativePrefix + "record_daemon_version"] = ["8860000"],
            },
        };
        if (type == RecordType.Users)
        {
            // The system lets users change parts of their own record.
            record.Attributes[AttributeName.NativePrefix + "_writers_passwd"] = [name];
        }

        Own(type).Add(record);
        return record;
    }

    private static List<string> RequireValue(DirectoryRecord record, string attribute, string? value)
    {
        if (!record.Attributes.TryGetValue(attribute, out var present))
        {
            throw new DirectoryServiceException(DirectoryStatus.AttributeNotFound, AttributeStage);
        }

        return value is null || present.Contains(value) ? present : throw new DirectoryServiceException(DirectoryStatus.AttributeDoesNotExist, AttributeStage);
    }

    private void Write(RecordType type, DirectoryRecord record, string attribute, List<string>? values)
    {
        var before = record.Attributes.GetValueOrDefault(attribute);
        if (policy.PrivacyDenied && type == RecordType.Users && before is not null && attribute is AttributeName.UniqueId or AttributeName.Home)
        {
            throw new DirectoryServiceException(DirectoryStatus.PermissionError, AttributeStage);
        }

        if (before is not null && values is not null && before.SequenceEqual(values))
        {
            return;
        }

        RequireOwn(record, AttributeStage);
        if (attribute == IdAttribute(type) && values is [var id, ..])
        {
            RequireFree(type, record, id);
        }

        if (attribute is AttributeName.Home or AttributeName.Shell or AttributeName.GroupMembership
            && values?.FirstOrDefault(value => value.Any(c => c is ':' or '\n')) is { } unfit)
        {
            throw new DirectoryServiceException(DirectoryStatus.PermissionError, AttributeStage, $"'{unfit}' does not fit into an account of the Linux host");
        }

        if (values is null)
        {
            _ = record.Attributes.Remove(attribute);
        }
        else
        {
            record.Attributes[attribute] = values;
        }
    }

    private void RequireFree(RecordType type, DirectoryRecord record, string id)
    {
        var attribute = IdAttribute(type);
        if (policy.TakenIds.Contains(id) || All(type).Any(other => other.Name != record.Name && other.First(attribute) == id))
        {
            throw new DirectoryServiceException(DirectoryStatus.RecordAlreadyExists, AttributeStage);
        }

        if (!uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number is < HostAccounts.SmallestId or > int.MaxValue
            || number.ToString(CultureInfo.InvariantCulture) != id)
        {
            throw new DirectoryServiceException(
                DirectoryStatus.PermissionError,
                AttributeStage,
                $"the emulator makes Linux accounts with numbers from {HostAccounts.SmallestId} only, not {id}");
        }
    }

    private static void RequireOwn(DirectoryRecord record, string stage)
    {
        if (record.FixedBecause is { } reason)
        {
            throw new DirectoryServiceException(DirectoryStatus.PermissionError, stage, $"the emulator does not change '{record.Name}': {reason}");
        }
    }

    private void RequireRoot(string stage)
    {
        if (!policy.IsRoot)
        {
            throw new DirectoryServiceException(DirectoryStatus.PermissionError, stage);
        }
    }
}
