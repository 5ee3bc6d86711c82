namespace MacRunners.MacEmulator.Accounts;

/// <summary>A few records every Mac has, so that readers meet negative numbers, shared homes and the names they know.</summary>
internal static class BuiltInRecords
{
    private const string Reason = "it is built into macOS";

    internal static readonly IReadOnlyList<DirectoryRecord> Users =
    [
        User("root", 0, 0, "/var/root", "/bin/sh", "System Administrator", "FFFFEEEE-DDDD-CCCC-BBBB-AAAA00000000"),
        User("daemon", 1, 1, "/var/root", "/usr/bin/false", "System Services", "FFFFEEEE-DDDD-CCCC-BBBB-AAAA00000001"),
        User("nobody", -2, -2, "/var/empty", "/usr/bin/false", "Unprivileged User", "FFFFEEEE-DDDD-CCCC-BBBB-AAAAFFFFFFFE"),
    ];

    internal static readonly IReadOnlyList<DirectoryRecord> Groups =
    [
        Group("wheel", 0, "System Group", "ABCDEFAB-CDEF-ABCD-EFAB-CDEF00000000"),
        Group("daemon", 1, "System Services", "ABCDEFAB-CDEF-ABCD-EFAB-CDEF00000001"),
        Group("everyone", 12, "Everyone", "ABCDEFAB-CDEF-ABCD-EFAB-CDEF0000000C"),
        Group("staff", 20, "Staff", "ABCDEFAB-CDEF-ABCD-EFAB-CDEF00000014"),
        Group("localaccounts", 61, "Local Accounts", "ABCDEFAB-CDEF-ABCD-EFAB-CDEF0000003D"),
        Group("admin", 80, "Administrators", "ABCDEFAB-CDEF-ABCD-EFAB-CDEF00000050"),
        Group("nobody", -2, "Nobody", "ABCDEFAB-CDEF-ABCD-EFAB-CDEFFFFFFFFE"),
    ];

    private static DirectoryRecord User(string name, int uid, int gid, string home, string shell, string realName, string generatedUid) => new()
    {
        Name = name,
        FixedBecause = Reason,
        Attributes = new(StringComparer.Ordinal)
        {
            [AttributeName.RecordName] = [name],
            [AttributeName.RecordType] = ["dsRecTypeStandard:Users"],
            [AttributeName.NodeLocation] = ["/Local/Default"],
            [AttributeName.GeneratedUid] = [generatedUid],
            [AttributeName.UniqueId] = [$"{uid}"],
            [AttributeName.PrimaryGroupId] = [$"{gid}"],
            [AttributeName.Home] = [home],
            [AttributeName.Shell] = [shell],
            [AttributeName.RealName] = [realName],
            [AttributeName.Password] = ["*"],
        },
    };

    private static DirectoryRecord Group(string name, int gid, string realName, string generatedUid) => new()
    {
        Name = name,
        FixedBecause = Reason,
        Attributes = new(StringComparer.Ordinal)
        {
            [AttributeName.RecordName] = [name],
            [AttributeName.RecordType] = ["dsRecTypeStandard:Groups"],
            [AttributeName.NodeLocation] = ["/Local/Default"],
            [AttributeName.GeneratedUid] = [generatedUid],
            [AttributeName.PrimaryGroupId] = [$"{gid}"],
            [AttributeName.RealName] = [realName],
            [AttributeName.Password] = ["*"],
        },
    };
}
