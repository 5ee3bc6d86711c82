using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Native;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Reading from and writing to a descriptor; <c>EAGAIN</c> is one of the numbers that differ.</summary>
internal static unsafe class DescriptorCalls
{
    [UnmanagedCallersOnly(EntryPoint = "read")]
    private static nint Read(int descriptor, byte* buffer, nuint size)
    {
        var count = Glibc.Read(descriptor, buffer, size);
        return count < 0 ? Call.Return((int)count) : count;
    }

    [UnmanagedCallersOnly(EntryPoint = "write")]
    private static nint Write(int descriptor, byte* buffer, nuint size)
    {
        var count = Glibc.Write(descriptor, buffer, size);
        return count < 0 ? Call.Return((int)count) : count;
    }
}
