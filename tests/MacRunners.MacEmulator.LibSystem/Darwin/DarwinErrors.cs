namespace MacRunners.MacEmulator.LibSystem.Darwin;

/// <summary>Numbers of errors: Linux's own to Darwin's.</summary>
internal static class DarwinErrors
{
    internal const int NotPermitted = 1;
    internal const int NoEntry = 2;
    internal const int NoProcess = 3;
    internal const int BadDescriptor = 9;
    internal const int NoMemory = 12;
    internal const int Exists = 17;
    internal const int CrossDevice = 18;
    internal const int Invalid = 22;
    internal const int Range = 34;
    internal const int Already = 37;
    internal const int NotSupported = 45;
    internal const int NotForSockets = 102;

    // Index: Linux's number. Zero: the same number (1-34, but for EAGAIN and EDEADLK), or unknown to Darwin.
    private static ReadOnlySpan<byte> Table =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 35, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 11, 63, 77, 78, 66,
        62, 0, 91, 90, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        99, 96, 101, 98, 0, 0, 71, 97, 0, 0,
        0, 100, 95, 0, 94, 84, 0, 0, 0, 0,
        0, 0, 0, 0, 92, 0, 0, 68, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47, 48, 49,
        50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
        60, 61, 64, 65, 37, 36, 70, 0, 0, 0,
        0, 0, 69, 0, 0, 89, 0, 0, 0, 0,
        105, 104,
    ];

    private const int LastCommon = 34;
    private const int Other = 5;

    /// <summary>Darwin's number for a Linux one; EIO for what Darwin has not.</summary>
    internal static int From(int linux) =>
        linux >= 0 && linux < Table.Length && Table[linux] != 0 ? Table[linux]
        : linux <= LastCommon ? linux
        : Other;
}
