using System.Runtime.InteropServices;

namespace MacRunners.Platform.MacOS;

/// <summary>Calls of libSystem about the machine as a whole, most of them Mach's. None is variadic.</summary>
internal static unsafe partial class MacHostImports
{
    internal const int HostProcessorLoad = 3;
    internal const int ProcessorStates = 4;
    internal const int ProcessorSetLoad = 4;
    internal const int ProcessorSetLoadCount = 4;
    internal const int SwapUsageSize = 32;
    internal const int TimeValueSize = 16;

    [LibraryImport("libSystem.dylib")]
    internal static partial uint mach_host_self();

    /// <summary>Fills in up to <paramref name="count"/> numbers of 32 bits.</summary>
    [LibraryImport("libSystem.dylib")]
    internal static partial int host_statistics(uint host, int flavour, uint* numbers, ref uint count);

    [LibraryImport("libSystem.dylib")]
    internal static partial int processor_set_default(uint host, out uint processors);

    /// <summary>Fills in up to <paramref name="count"/> numbers of 32 bits.</summary>
    [LibraryImport("libSystem.dylib")]
    internal static partial int processor_set_statistics(uint processors, int flavour, int* numbers, ref uint count);

    [LibraryImport("libSystem.dylib")]
    internal static partial int getloadavg(double* loads, int count);
}
