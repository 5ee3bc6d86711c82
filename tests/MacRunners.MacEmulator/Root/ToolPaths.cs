namespace MacRunners.MacEmulator.Root;

/// <summary>The emulated commands at their places on a Mac.</summary>
internal static class ToolPaths
{
    /// <summary>Absolute paths as on a Mac.</summary>
    internal static readonly IReadOnlyList<string> All =
    [
        "/usr/bin/dscl",
        "/usr/bin/dscacheutil",
        "/usr/bin/dsmemberutil",
        "/usr/bin/id",
        "/usr/bin/ipcs",
        "/usr/bin/ipcrm",
        "/usr/bin/sw_vers",
        "/usr/bin/security",
        "/usr/bin/dsimport",
        "/usr/bin/crontab",
        "/usr/bin/pkill",
        "/usr/bin/vm_stat",
        "/usr/bin/hdiutil",
        "/usr/bin/csrutil",
        "/usr/bin/mdutil",
        "/usr/bin/tmutil",
        "/usr/bin/getconf",
        "/usr/bin/chflags",
        "/usr/bin/codesign",
        "/usr/sbin/dseditgroup",
        "/usr/sbin/createhomedir",
        "/usr/sbin/sysctl",
        "/usr/sbin/diskutil",
        "/usr/sbin/sysadminctl",
        "/bin/launchctl",
        "/bin/ps",
        "/sbin/mount",
        "/sbin/pfctl",
    ];
}
