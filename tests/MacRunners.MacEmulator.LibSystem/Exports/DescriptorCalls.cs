using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Reading from and writing to a descriptor; <c>EAGAIN</c> is one of the numbers that differ. And the one request about a descriptor.</summary>
internal static unsafe class DescriptorCalls
{
    private const nuint CloseOnExec = 0x20006601;
    private const int LinuxSetFlags = 2;
    private const int LinuxCloseOnExec = 1;

    [UnmanagedCallersOnly(EntryPoint = "ioctl")]
    private static int DeviceControl(int descriptor, nuint request) => request == CloseOnExec
        ? Call.Return(Glibc.Control(descriptor, LinuxSetFlags, LinuxCloseOnExec))
        : Call.Fail(DarwinErrors.NoTerminal);

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
