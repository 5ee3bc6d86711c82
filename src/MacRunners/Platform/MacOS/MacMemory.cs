using System.Runtime.InteropServices;

namespace MacRunners.Platform.MacOS;

/// <summary>From the kernel's own pressure estimate: <c>kern.memorystatus_level</c>, percent of memory that is available.</summary>
internal sealed partial class MacMemory : IHostMemory
{
    /// <inheritdoc/>
    public HostMemory Read()
    {
        var total = ReadNumber("hw.memsize");
        return new HostMemory(total, total / 100 * ReadNumber("kern.memorystatus_level"));
    }

    private static unsafe long ReadNumber(string name)
    {
        // One is 64 bits wide, the other 32: little-endian, so the upper half simply stays zero.
        long value = 0;
        nint size = sizeof(long);
        return SysctlByName(name, &value, &size, null, 0) == 0
            ? value
            : throw new PosixException("sysctlbyname", name, PosixError.Other, Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libSystem.dylib", EntryPoint = "sysctlbyname", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int SysctlByName(string name, void* oldValue, nint* oldSize, void* newValue, nint newSize);
}
