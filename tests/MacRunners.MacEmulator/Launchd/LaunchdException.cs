using MacRunners.MacEmulator.Tools;

namespace MacRunners.MacEmulator.Launchd;

/// <summary>launchd refuses, with a number.</summary>
internal sealed class LaunchdException(int code) : Exception(LaunchdErrors.Describe(code))
{
    internal const int NoProcess = 3;
    internal const int InputOutput = 5;
    internal const int AlreadyLoaded = 37;
    internal const int InvalidPath = 108;
    internal const int InvalidPropertyList = 109;
    internal const int NoService = 113;
    internal const int Disabled = 119;
    internal const int BadOwnership = 122;

    /// <summary>The number.</summary>
    internal int Code { get; } = code;
}
