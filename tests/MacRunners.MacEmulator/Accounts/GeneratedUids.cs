using System.Globalization;
using MacRunners.MacEmulator.Root;

namespace MacRunners.MacEmulator.Accounts;

/// <summary>Uuids of the users by number, for everybody to read, as on a Mac: the records themselves are root's here.</summary>
internal static class GeneratedUids
{
    private const UnixFileMode Public = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Those there are.</summary>
    internal static IReadOnlyDictionary<uint, string> Read(EmulatorRoot root) =>
        !File.Exists(root.GeneratedUids)
            ? new Dictionary<uint, string>()
            : File.ReadLines(root.GeneratedUids).Select(line => line.Split(' ')).ToDictionary(line => uint.Parse(line[0], CultureInfo.InvariantCulture), line => line[1]);

    /// <summary>Replaces them by those of the directory.</summary>
    internal static void Write(EmulatorRoot root, DirectoryState state)
    {
        var lines = state.Users
            .Select(user => (Uid: user.First(AttributeName.UniqueId), Uuid: user.First(AttributeName.GeneratedUid)))
            .Where(user => user is { Uid: not null, Uuid: not null })
            .DistinctBy(user => user.Uid)
            .Select(user => $"{user.Uid} {user.Uuid}")
            .ToList();
        if (Read(root).Select(entry => $"{entry.Key} {entry.Value}").SequenceEqual(lines))
        {
            return;
        }

        var temporary = root.GeneratedUids + ".new";
        File.WriteAllLines(temporary, lines);
        File.SetUnixFileMode(temporary, Public);
        File.Move(temporary, root.GeneratedUids, overwrite: true);
    }
}
