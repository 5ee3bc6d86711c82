namespace MacRunners.MacEmulator.LibSystem.Translation;

/// <summary>Numbers of signals.</summary>
internal static class Signals
{
    internal const int Highest = 31;

    // Index: Darwin's number. Zero: Linux has no such signal (SIGEMT, SIGINFO).
    private static ReadOnlySpan<byte> Table =>
    [
        0, 1, 2, 3, 4, 5, 6, 0, 8, 9, 7, 11, 31, 13, 14, 15,
        23, 19, 20, 18, 17, 21, 22, 29, 24, 25, 26, 27, 28, 0, 10, 12,
    ];

    /// <summary>Linux's number; null for a number that is none on Darwin, 0 for one that Linux lacks (and for 0 itself).</summary>
    internal static int? ToLinux(int darwin) => darwin is >= 0 and <= Highest ? Table[darwin] : null;

    /// <summary>A Darwin set (bit n-1 for signal n) as the first word of a Linux set.</summary>
    internal static ulong SetToLinux(uint darwin)
    {
        var linux = 0UL;
        for (var signal = 1; signal <= Highest; signal++)
        {
            if ((darwin & (1u << (signal - 1))) != 0 && Table[signal] != 0)
            {
                linux |= 1UL << (Table[signal] - 1);
            }
        }

        return linux;
    }

    /// <summary>The reverse.</summary>
    internal static uint SetToDarwin(ulong linux)
    {
        var darwin = 0u;
        for (var signal = 1; signal <= Highest; signal++)
        {
            if (Table[signal] != 0 && (linux & (1UL << (Table[signal] - 1))) != 0)
            {
                darwin |= 1u << (signal - 1);
            }
        }

        return darwin;
    }
}
