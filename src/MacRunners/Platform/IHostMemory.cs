namespace MacRunners.Platform;

/// <summary>The machine's memory.</summary>
internal interface IHostMemory
{
    /// <summary>Reads it now.</summary>
    HostMemory Read();
}

/// <summary>Memory of the machine.</summary>
/// <param name="TotalBytes">Installed.</param>
/// <param name="AvailableBytes">What a new program could get without swapping, by the kernel's own estimate.</param>
internal readonly record struct HostMemory(long TotalBytes, long AvailableBytes);
