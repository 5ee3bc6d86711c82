using System.Buffers.Binary;
using static MacRunners.Platform.MacOS.MacHostImports;

namespace MacRunners.Platform.MacOS;

/// <summary>The machine as the Mach kernel and <c>sysctl</c> show it: no tool is started.</summary>
internal sealed unsafe class MacHost : IHostFigures
{
    // CLK_TCK of the load counters, on every Mac.
    private const double TicksPerSecond = 100;

    private const int LoadAverages = 3;

    private readonly Lock _gate = new();
    private readonly ulong[] _ticks = new ulong[ProcessorStates];
    private readonly uint[] _last = new uint[ProcessorStates];

    // Each call of mach_host_self would make another reference to the same port.
    private readonly Lazy<uint> _host = new(mach_host_self);
    private readonly Lazy<uint> _processors;

    internal MacHost() => _processors = new Lazy<uint>(() =>
    {
        Check(processor_set_default(_host.Value, out var processors), "processor_set_default");
        return processors;
    });

    /// <inheritdoc/>
    public HostMemory Memory()
    {
        // The kernel's own pressure estimate: percent of memory that is available.
        var total = Number("hw.memsize");
        return new HostMemory(total, total / 100 * Number("kern.memorystatus_level"));
    }

    /// <inheritdoc/>
    public HostSwap Swap()
    {
        // struct xsw_usage: total, available, used, and what is not needed here.
        Span<byte> usage = stackalloc byte[SwapUsageSize];
        Read("vm.swapusage", usage);
        return new HostSwap(BinaryPrimitives.ReadInt64LittleEndian(usage), BinaryPrimitives.ReadInt64LittleEndian(usage[(2 * sizeof(long))..]));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ProcessorTime> ProcessorTimes()
    {
        lock (_gate)
        {
            var now = stackalloc uint[ProcessorStates];
            uint count = ProcessorStates;
            Check(host_statistics(_host.Value, HostProcessorLoad, now, ref count), "host_statistics");
            for (var state = 0; state < ProcessorStates; state++)
            {
                // 32 bits for all processors together come round after weeks; the difference is right over that.
                _ticks[state] += unchecked(now[state] - _last[state]);
                _last[state] = now[state];
            }

            return [new("user", Seconds(0)), new("system", Seconds(1)), new("idle", Seconds(2)), new("nice", Seconds(3))];
        }

        double Seconds(int state) => _ticks[state] / TicksPerSecond;
    }

    /// <inheritdoc/>
    public HostLoad Load()
    {
        var loads = stackalloc double[LoadAverages];
        return getloadavg(loads, LoadAverages) == LoadAverages
            ? new HostLoad(loads[0], loads[1], loads[2])
            : throw new PosixException("getloadavg", "the machine", PosixError.Other, 0);
    }

    /// <inheritdoc/>
    public HostCounts Counts()
    {
        // struct processor_set_load_info: tasks, threads, load average, mach factor.
        var load = stackalloc int[ProcessorSetLoadCount];
        uint count = ProcessorSetLoadCount;
        Check(processor_set_statistics(_processors.Value, ProcessorSetLoad, load, ref count), "processor_set_statistics");
        return new HostCounts(load[0], load[1], (int)Number("net.inet.tcp.pcbcount"));
    }

    /// <inheritdoc/>
    public DateTimeOffset BootedAt()
    {
        // struct timeval: 64 bits of seconds, 32 of microseconds, padding.
        Span<byte> time = stackalloc byte[TimeValueSize];
        Read("kern.boottime", time);
        return DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64LittleEndian(time));
    }

    /// <summary>Whether this process is Intel code on Apple silicon; null on a system that does not know the question, as Intel Macs do not.</summary>
    internal static bool? IsTranslated()
    {
        var translated = 0;
        nuint size = sizeof(int);
        return MacProcessImports.sysctlbyname("sysctl.proc_translated", (byte*)&translated, ref size, null, 0) == 0 ? translated != 0 : null;
    }

    private static long Number(string name)
    {
        // Some are 64 bits wide, the others 32: little-endian, so the upper half simply stays zero.
        Span<byte> value = stackalloc byte[sizeof(long)];
        value.Clear();
        Read(name, value);
        return BinaryPrimitives.ReadInt64LittleEndian(value);
    }

    private static void Read(string name, Span<byte> value)
    {
        fixed (byte* start = value)
        {
            var size = (nuint)value.Length;
            if (MacProcessImports.sysctlbyname(name, start, ref size, null, 0) != 0)
            {
                throw MacErrors.Last("sysctlbyname", name);
            }
        }
    }

    // Mach calls answer with a number of their own and leave errno alone.
    private static void Check(int answer, string call)
    {
        if (answer != 0)
        {
            throw new PosixException(call, "the machine", PosixError.Other, answer);
        }
    }
}
