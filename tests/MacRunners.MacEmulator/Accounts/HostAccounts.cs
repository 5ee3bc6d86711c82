using System.Globalization;

namespace MacRunners.MacEmulator.Accounts;

/// <summary>Turns records into real accounts of the Linux host, and real accounts into records.</summary>
internal static class HostAccounts
{
    /// <summary>Smaller numbers belong to the host: the emulator never makes, changes or removes such an account.</summary>
    internal const uint SmallestId = 60000;

    private const uint NobodyGroup = 65534;

    /// <summary>The number of a record that may become an account of the host.</summary>
    internal static uint? HostId(DirectoryRecord record, RecordType type) =>
        record.First(type == RecordType.Users ? AttributeName.UniqueId : AttributeName.PrimaryGroupId) is { } text
        && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id >= SmallestId
            ? id
            : null;

    /// <summary>
    /// Notes in the state which lines of <c>/etc/passwd</c> and <c>/etc/group</c> are about to become the emulator's. To be saved
    /// before <see cref="Apply(DirectoryState, DateTimeOffset)"/>: after a crash between the two, the note is too much, which is harmless; a line without note
    /// would stay for ever.
    /// </summary>
    /// <exception cref="IOException">The host has an account of its own with such a name.</exception>
    internal static void Claim(DirectoryState state, DateTimeOffset now)
    {
        Claim(HostFile.Users, RecordType.Users, state.Users, state.HostUsers, now);
        Claim(HostFile.Groups, RecordType.Groups, state.Groups, state.HostGroups, now);
    }

    /// <summary>Makes the lines that are the emulator's agree with the records. The caller holds the locks and saves the state afterwards.</summary>
    internal static void Apply(DirectoryState state, DateTimeOffset now)
    {
        Apply(HostFile.Users, RecordType.Users, state.Users, state.HostUsers, PasswordLine, now);
        Apply(HostFile.Groups, RecordType.Groups, state.Groups, state.HostGroups, GroupLine, now);
    }

    /// <summary>Accounts of the host that are not the emulator's, as records that nobody can change.</summary>
    internal static IEnumerable<DirectoryRecord> ForeignUsers(DirectoryState state) =>
        HostFile.Users.Read()
            .Where(line => line.Fields.Length == 7 && line.Id is not null && !state.HostUsers.ContainsKey(line.Name))
            .Select(line => Foreign(line, "Users", new(StringComparer.Ordinal)
            {
                [AttributeName.UniqueId] = [line.Fields[2]],
                [AttributeName.PrimaryGroupId] = [line.Fields[3]],
                [AttributeName.RealName] = [line.Fields[4].Length > 0 ? line.Fields[4] : line.Name],
                [AttributeName.Home] = [line.Fields[5]],
                [AttributeName.Shell] = [line.Fields[6]],
            }));

    /// <summary>Groups of the host that are not the emulator's.</summary>
    internal static IEnumerable<DirectoryRecord> ForeignGroups(DirectoryState state) =>
        HostFile.Groups.Read()
            .Where(line => line.Fields.Length == 4 && line.Id is not null && !state.HostGroups.ContainsKey(line.Name))
            .Select(line => Foreign(line, "Groups", new(StringComparer.Ordinal)
            {
                [AttributeName.PrimaryGroupId] = [line.Fields[2]],
                [AttributeName.GroupMembership] = [.. line.Fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries)],
            }));

    private static IEnumerable<(DirectoryRecord Record, uint Id)> Visible(RecordType type, List<DirectoryRecord> records, DateTimeOffset now)
    {
        foreach (var record in records)
        {
            if (HostId(record, type) is { } id && !(record.VisibleFrom > now))
            {
                yield return (record, id);
            }
        }
    }

    private static void Claim(HostFile file, RecordType type, List<DirectoryRecord> records, Dictionary<string, uint> owned, DateTimeOffset now)
    {
        var foreign = file.Read().Select(line => line.Name).Where(name => !owned.ContainsKey(name)).ToHashSet(StringComparer.Ordinal);
        foreach (var (record, id) in Visible(type, records, now))
        {
            owned[record.Name] = foreign.Contains(record.Name)
                ? throw new IOException($"the host has a {type} entry '{record.Name}' of its own")
                : id;
        }
    }

    private static void Apply(
        HostFile file,
        RecordType type,
        List<DirectoryRecord> records,
        Dictionary<string, uint> owned,
        Func<DirectoryRecord, uint, string> line,
        DateTimeOffset now)
    {
        var wanted = Visible(type, records, now).ToDictionary(entry => entry.Record.Name, entry => line(entry.Record, entry.Id), StringComparer.Ordinal);
        file.Replace(owned.Keys.ToHashSet(StringComparer.Ordinal), wanted);
        foreach (var name in owned.Keys.Where(name => !wanted.ContainsKey(name)).ToList())
        {
            _ = owned.Remove(name);
        }
    }

    private static string PasswordLine(DirectoryRecord record, uint uid)
    {
        var gid = uint.TryParse(record.First(AttributeName.PrimaryGroupId), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : NobodyGroup;
        return $"{record.Name}:*:{uid}:{gid}::{record.First(AttributeName.Home) ?? "/var/empty"}:{record.First(AttributeName.Shell) ?? "/usr/bin/false"}";
    }

    private static string GroupLine(DirectoryRecord record, uint gid)
    {
        var members = record.Attributes.TryGetValue(AttributeName.GroupMembership, out var names) ? string.Join(',', names.Distinct(StringComparer.Ordinal)) : "";
        return $"{record.Name}:*:{gid}:{members}";
    }

    private static DirectoryRecord Foreign(HostLine line, string type, Dictionary<string, List<string>> attributes)
    {
        attributes[AttributeName.RecordName] = [line.Name];
        attributes[AttributeName.RecordType] = [$"dsRecTypeStandard:{type}"];
        attributes[AttributeName.NodeLocation] = ["/Local/Default"];
        attributes[AttributeName.Password] = ["*"];
        return new DirectoryRecord { Name = line.Name, Attributes = attributes, FixedBecause = "it belongs to the Linux host" };
    }
}
