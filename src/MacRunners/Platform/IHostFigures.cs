namespace MacRunners.Platform;

/// <summary>
/// The machine as a whole, as its kernel counts it. Each call reads one thing anew; none starts a program or waits for anything, so a
/// machine in trouble can still be looked at.
/// </summary>
/// <remarks>What the kernel does not tell is an <see cref="IOException"/>.</remarks>
internal interface IHostFigures
{
    /// <summary>Main memory.</summary>
    HostMemory Memory();

    /// <summary>Swap space.</summary>
    HostSwap Swap();

    /// <summary>What all processors together have spent since the boot, by mode. Never falls.</summary>
    IReadOnlyList<ProcessorTime> ProcessorTimes();

    /// <summary>Load averages.</summary>
    HostLoad Load();

    /// <summary>How many there are of what the kernel has only so many of.</summary>
    HostCounts Counts();

    /// <summary>When the machine was started, by its own clock.</summary>
    DateTimeOffset BootedAt();
}

/// <summary>Memory of the machine.</summary>
/// <param name="TotalBytes">Installed.</param>
/// <param name="AvailableBytes">What a new program could get without swapping, by the kernel's own estimate.</param>
internal readonly record struct HostMemory(long TotalBytes, long AvailableBytes);

/// <summary>Swap space of the machine.</summary>
/// <param name="TotalBytes">All of it at present; macOS makes more when it needs more.</param>
/// <param name="UsedBytes">In use.</param>
internal readonly record struct HostSwap(long TotalBytes, long UsedBytes);

/// <summary>Time that processors spent in one mode.</summary>
/// <param name="Mode">A word of a closed set: <c>user</c>, <c>system</c>, <c>idle</c>, <c>nice</c>, on Linux also <c>iowait</c> and <c>steal</c>.</param>
/// <param name="Seconds">Summed over all processors.</param>
internal readonly record struct ProcessorTime(string Mode, double Seconds);

/// <summary>Load averages over 1, 5 and 15 minutes.</summary>
internal readonly record struct HostLoad(double OneMinute, double FiveMinutes, double FifteenMinutes);

/// <summary>Counts of the whole machine.</summary>
/// <param name="Processes">Processes of all users.</param>
/// <param name="Threads">Their threads.</param>
/// <param name="TcpSockets">TCP sockets in any state, listening and lingering ones too.</param>
internal readonly record struct HostCounts(int Processes, int Threads, int TcpSockets);
