using System.Runtime.InteropServices;

namespace MacRunners.Platform.Linux;

/// <summary>Translates Linux errno values at the seam.</summary>
internal static class LinuxErrors
{
    internal const int NotPermitted = 1;
    internal const int NotFound = 2;
    internal const int NoSuchProcess = 3;
    internal const int Interrupted = 4;
    internal const int NoReader = 6;
    internal const int WouldBlock = 11;
    internal const int InvalidArgument = 22;
    internal const int NotATerminal = 25;
    internal const int Range = 34;
    internal const int NotImplemented = 38;
    internal const int TooManyLinks = 40;
    internal const int Removed = 43;
    internal const int NotSupported = 95;

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
        NotPermitted or 13 => PosixError.NotPermitted,
        39 => PosixError.NotEmpty,
        20 => PosixError.NotADirectory,
        TooManyLinks => PosixError.IsALink,
        18 => PosixError.OtherDevice,
        16 => PosixError.Busy,
        NoSuchProcess => PosixError.NoSuchProcess,
        28 or 122 => PosixError.NoSpace,
        _ => PosixError.Other,
    };
}
