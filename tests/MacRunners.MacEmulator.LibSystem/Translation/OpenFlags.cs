using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Native;

namespace MacRunners.MacEmulator.LibSystem.Translation;

/// <summary>Flags of <c>open</c>: Darwin's to Linux's.</summary>
internal static class OpenFlags
{
    private const int AccessMode = 0x3;
    private const int Symlink = 0x200000;
    private const int NoFollow = 0x100;
    private const int NoFollowAny = 0x20000000;
    private const int ResolveBeneath = 0x1000;

    // For reading events only, and "no controlling terminal", which is Linux's default for files.
    private const int WithoutMeaning = 0x8000 | 0x20000;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    internal static readonly int LinuxDirectory = IsArm ? 0x4000 : 0x10000;
    internal static readonly int LinuxNoFollow = IsArm ? 0x8000 : 0x20000;
    internal const int LinuxCloseOnExec = 0x80000;
    internal const int LinuxNonBlocking = 0x800;
    internal const int LinuxPathOnly = 0x200000;

    private static readonly (int Darwin, int Linux)[] Pairs =
    [
        (0x4, LinuxNonBlocking),
        (0x8, 0x400),
        (0x80, 0x101000),
        (NoFollow, LinuxNoFollow),
        (0x400, 0x200),
        (0x800, 0x80),
        (0x100000, LinuxDirectory),
        (Symlink, LinuxPathOnly | LinuxNoFollow),
        (0x400000, 0x1000),
        (0x1000000, LinuxCloseOnExec),
    ];

    /// <summary>
    /// False for flags that Darwin refuses, for Linux's numbers used by mistake, and for O_CREAT: the mode is variadic, so
    /// code that must run on arm64 macOS cannot bind it.
    /// </summary>
    internal static bool TryTranslate(int darwin, out int linux, out ulong resolve)
    {
        linux = darwin & AccessMode;
        resolve = 0;
        var left = darwin & ~AccessMode & ~WithoutMeaning;
        foreach (var (from, to) in Pairs)
        {
            if ((left & from) != 0)
            {
                linux |= to;
                left &= ~from;
            }
        }

        if ((left & NoFollowAny) != 0)
        {
            resolve |= LinuxOpenHow.NoSymlinks;
            left &= ~NoFollowAny;

            // The kernel does not take "no link at all" together with "not the last one".
            if ((darwin & (NoFollow | Symlink)) != 0)
            {
                return false;
            }
        }

        if ((left & ResolveBeneath) != 0)
        {
            resolve |= LinuxOpenHow.Beneath;
            left &= ~ResolveBeneath;
        }

        return left == 0;
    }
}
