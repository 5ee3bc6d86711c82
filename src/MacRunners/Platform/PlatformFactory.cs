using MacRunners.Platform.Linux;
using MacRunners.Platform.MacOS;
using MacRunners.Settings;

namespace MacRunners.Platform;

/// <summary>The one place that chooses an implementation of the seam.</summary>
internal static class PlatformFactory
{
    /// <param name="options">Section <c>Platform</c>.</param>
    /// <param name="tool">Runs the system's tools.</param>
    /// <param name="directoryTimeout"><c>Jobs:DirectoryTimeout</c>.</param>
    /// <param name="time">Clock of pauses and limits.</param>
    /// <param name="loggers">For what is worth a line but no error.</param>
    /// <exception cref="PlatformNotSupportedException">The choice does not fit the running system; the message names the setting.</exception>
    internal static IPlatform Create(PlatformOptions options, ITool tool, TimeSpan directoryTimeout, TimeProvider time, ILoggerFactory loggers)
    {
        var kind = options.Kind is PlatformKind.Auto ? OperatingSystem.IsMacOS() ? PlatformKind.MacOS : PlatformKind.Linux : options.Kind;
        if (kind is PlatformKind.Linux)
        {
            return OperatingSystem.IsLinux()
                ? new LinuxPlatform(tool, directoryTimeout, time, loggers)
                : throw new PlatformNotSupportedException("Platform:Kind is linux, but this is another system: set it to auto");
        }

        return OperatingSystem.IsMacOS() || options.Root.Length > 0
            ? new MacPlatform(options.Root, tool, directoryTimeout, time, loggers)
            : throw new PlatformNotSupportedException(
                "Platform:Kind is macos, but this is another system: set Platform:Root to the folder of the emulator, or Kind to auto");
    }
}
