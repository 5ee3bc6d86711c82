using MacRunners.Platform.Linux;
using MacRunners.Settings;

namespace MacRunners.Platform;

/// <summary>The one place that chooses an implementation of the seam.</summary>
internal static class PlatformFactory
{
    /// <exception cref="PlatformNotSupportedException">The choice does not fit the running system; the message names the setting.</exception>
    internal static IPlatform Create(PlatformOptions options, ITool tool, TimeProvider time)
    {
        return new LinuxPlatform(tool, time);
    }
}
