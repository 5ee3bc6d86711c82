namespace MacRunners.MacEmulator.LibSystem.Translation;

/// <summary>Numbers of resources and the value that means no limit.</summary>
internal static class Resources
{
    private const ulong DarwinInfinity = 0x7fffffffffffffff;
    private const ulong LinuxInfinity = ulong.MaxValue;

    // Strict checking of the value, which Linux does not offer.
    private const int PosixFlag = 0x1000;

    /// <summary>Linux's number, or null.</summary>
    internal static int? ToLinux(int darwin) => (darwin & ~PosixFlag) switch
    {
        >= 0 and <= 4 => darwin & ~PosixFlag,
        5 => 9,
        6 => 8,
        7 => 6,
        8 => 7,
        _ => null,
    };

    internal static ulong ValueToLinux(ulong darwin) => darwin >= DarwinInfinity ? LinuxInfinity : darwin;

    internal static ulong ValueToDarwin(ulong linux) => linux >= DarwinInfinity ? DarwinInfinity : linux;
}
