using System.Runtime.InteropServices;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>launchd's calls for the programs it starts. The error is the result, not in errno.</summary>
internal static unsafe class LaunchCalls
{
    private const int NotLaunchds = 3;

    [UnmanagedCallersOnly(EntryPoint = "launch_activate_socket")]
    private static int ActivateSocket(byte* name, int** descriptors, nuint* count)
    {
        *descriptors = null;
        *count = 0;
        return NotLaunchds;
    }
}
