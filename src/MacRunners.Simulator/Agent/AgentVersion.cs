using System.Runtime.InteropServices;

namespace MacRunners.Simulator.Agent;

/// <summary>The release the stub stands in for.</summary>
internal static class AgentVersion
{
    public const string Number = "3.87.0";
    public const string Build = "9266";

    /// <summary>What <c>--version</c> prints: semantic version with build number and commit as build metadata.</summary>
    public const string Line = $"{AgentSelf.Name} version {Number}+{Build}.bde6a3db88c28b62a6f0805c03e8fee9cdea0c56";

    public static string UserAgent => $"{AgentSelf.Name}/{Number}.{Build} ({Os}; {Architecture})";

    public static string Os => OperatingSystem.IsMacOS() ? "darwin" : "linux";

    public static string Architecture => RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";
}
