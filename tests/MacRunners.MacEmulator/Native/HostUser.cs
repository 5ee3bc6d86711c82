using System.Runtime.InteropServices;

namespace MacRunners.MacEmulator.Native;

/// <summary>An account as the host's name look-ups see it now.</summary>
internal sealed record HostUser(string Name, uint Uid, uint Gid, string Gecos, string Home, string Shell)
{
    internal static unsafe HostUser? ByName(string name) => From(Libc.FindUser(name));

    internal static unsafe HostUser? ByUid(uint uid) => From(Libc.FindUser(uid));

    /// <summary>Names of a group number, or null.</summary>
    internal static unsafe string? GroupName(uint gid)
    {
        var entry = Libc.FindGroup(gid);
        return entry == null ? null : Text(entry->Name);
    }

    /// <summary>All groups of the account.</summary>
    internal unsafe IReadOnlyList<uint> Groups()
    {
        var count = 0;
        _ = Libc.GroupsOf(Name, Gid, null, &count);
        var groups = new uint[count];
        fixed (uint* first = groups)
        {
            _ = Libc.GroupsOf(Name, Gid, first, &count);
        }

        return groups[..count];
    }

    private static unsafe HostUser? From(PasswordEntry* entry) => entry == null
        ? null
        : new HostUser(Text(entry->Name), entry->Uid, entry->Gid, Text(entry->Gecos), Text(entry->Home), Text(entry->Shell));

    private static string Text(nint pointer) => Marshal.PtrToStringUTF8(pointer) ?? "";
}
