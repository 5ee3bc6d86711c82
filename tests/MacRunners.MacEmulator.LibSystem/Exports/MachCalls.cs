using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Proc;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>The machine as the Mach kernel counts it. These answer with a number of Mach's and leave errno alone.</summary>
internal static unsafe class MachCalls
{
    private const int Success = 0;
    private const int InvalidArgument = 4;
    private const int Failure = 5;

    // Names of ports mean nothing but what this library makes of them.
    private const uint HostPort = 0x103;
    private const uint ProcessorsPort = 0x203;

    private const int HostProcessorLoad = 3;
    private const int ProcessorSetLoad = 4;
    private const uint LoadNumbers = 4;

    [UnmanagedCallersOnly(EntryPoint = "mach_host_self")]
    private static uint Host() => HostPort;

    [UnmanagedCallersOnly(EntryPoint = "host_statistics")]
    private static int HostStatistics(uint host, int flavor, uint* numbers, uint* count)
    {
        if (host != HostPort || flavor != HostProcessorLoad)
        {
            return InvalidArgument;
        }

        if (*count < LoadNumbers)
        {
            return Failure;
        }

        HostFigures.ProcessorTicks().CopyTo(new Span<uint>(numbers, (int)LoadNumbers));
        *count = LoadNumbers;
        return Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "processor_set_default")]
    private static int DefaultProcessors(uint host, uint* processors)
    {
        if (host != HostPort)
        {
            return InvalidArgument;
        }

        *processors = ProcessorsPort;
        return Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "processor_set_statistics")]
    private static int ProcessorsStatistics(uint processors, int flavor, int* numbers, uint* count)
    {
        if (processors != ProcessorsPort || flavor != ProcessorSetLoad)
        {
            return InvalidArgument;
        }

        if (*count < LoadNumbers)
        {
            return Failure;
        }

        // Tasks, threads, load average and "mach factor", both in thousandths.
        const int scale = 1000;
        numbers[0] = HostFigures.Processes();
        numbers[1] = HostFigures.Threads();
        numbers[2] = (int)(HostFigures.Loads()[0] * scale);
        numbers[3] = scale;
        *count = LoadNumbers;
        return Success;
    }

    /// <returns>How many were filled in, three at most.</returns>
    [UnmanagedCallersOnly(EntryPoint = "getloadavg")]
    private static int LoadAverages(double* loads, int count)
    {
        var known = HostFigures.Loads();
        for (var i = 0; i < Math.Min(count, known.Length); i++)
        {
            loads[i] = known[i];
        }

        return Math.Min(count, known.Length);
    }
}
