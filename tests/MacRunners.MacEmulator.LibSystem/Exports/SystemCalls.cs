using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;
using MacRunners.MacEmulator.LibSystem.Proc;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Facts about the system.</summary>
internal static unsafe class SystemCalls
{
    private const int TimeSize = 16;

    [UnmanagedCallersOnly(EntryPoint = "sysctlbyname")]
    private static int ByName(byte* name, void* old, nuint* oldSize, void* newValue, nuint newSize)
    {
        if (newValue != null)
        {
            return Call.Fail(DarwinErrors.NotPermitted);
        }

        if (Value(Marshal.PtrToStringUTF8((nint)name)) is not { } value)
        {
            return Call.Fail(DarwinErrors.NoEntry);
        }

        if (oldSize == null)
        {
            return 0;
        }

        var room = *oldSize;
        *oldSize = (nuint)value.Length;
        if (old == null)
        {
            return 0;
        }

        var copied = (int)Math.Min(room, (nuint)value.Length);
        value.AsSpan(0, copied).CopyTo(new Span<byte>(old, copied));
        *oldSize = (nuint)copied;
        return copied < value.Length ? Call.Fail(DarwinErrors.NoMemory) : 0;
    }

    private static byte[]? Value(string? name) => name switch
    {
        "kern.bootsessionuuid" => Text((ProcFile.Read("/proc/sys/kernel/random/boot_id") ?? "").Trim().ToUpperInvariant()),
        "kern.osproductversion" => Text("15.5"),
        "kern.boottime" => Time(BootTime.Seconds()),
        "hw.memsize" => Number(Memory("MemTotal:")),
        "kern.memorystatus_level" => Number((int)(Memory("MemAvailable:") * 100 / Memory("MemTotal:"))),
        "vm.swapusage" => HostFigures.SwapUsage(),
        "net.inet.tcp.pcbcount" => Number(HostFigures.TcpSockets()),
        "hw.ncpu" or "hw.logicalcpu" => Number(Glibc.Processors()),
        _ => null,
    };

    private static byte[] Text(string value) => Encoding.UTF8.GetBytes(value + '\0');

    private static byte[] Number(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Number(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    // struct timeval: 64 bits of seconds, 32 of microseconds, padding.
    private static byte[] Time(long seconds)
    {
        var bytes = new byte[TimeSize];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, seconds);
        return bytes;
    }

    private static ulong Memory(string key)
    {
        const int kibibyte = 1024;
        var text = ProcFile.Read("/proc/meminfo") ?? "";
        var start = text.IndexOf(key, StringComparison.Ordinal) + key.Length;
        return ulong.Parse(text[start..text.IndexOf("kB", start, StringComparison.Ordinal)].Trim(), CultureInfo.InvariantCulture) * kibibyte;
    }
}
