using System.Runtime.InteropServices;

namespace MacRunners.Platform.MacOS;

/// <summary>Translates Darwin's errno values at the seam. Many differ from Linux.</summary>
internal static class MacErrors
{
    internal const int NotFound = 2;
    internal const int NoSuchProcess = 3;
    internal const int Interrupted = 4;
    internal const int NoReader = 6;
    internal const int BadDescriptor = 9;
    internal const int Range = 34;
    internal const int WouldBlock = 35;
    internal const int NotSupported = 45;
    internal const int TooManyLinks = 62;
    internal const int NotForSockets = 102;

    /// <summary>The failure of the last system call of this thread.</summary>
    internal static PosixException Last(string call, object subject) => From(call, subject, Marshal.GetLastPInvokeError());

    /// <summary>A failure by number.</summary>
    internal static PosixException From(string call, object subject, int number) =>
        new(call, subject.ToString() ?? "", Translate(number), number);

    /// <summary>The name of a number.</summary>
    internal static PosixError Translate(int number) => number switch
    {
        NotFound => PosixError.NotFound,
        17 => PosixError.Exists,
        1 or 13 => PosixError.NotPermitted,
        66 => PosixError.NotEmpty,
        20 => PosixError.NotADirectory,
        TooManyLinks => PosixError.IsALink,
        18 => PosixError.OtherDevice,
        16 => PosixError.Busy,
        NoSuchProcess => PosixError.NoSuchProcess,
        28 or 69 => PosixError.NoSpace,
        _ => PosixError.Other,
    };
}
