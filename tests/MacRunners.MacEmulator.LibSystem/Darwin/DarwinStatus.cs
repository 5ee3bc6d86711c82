using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Native;

namespace MacRunners.MacEmulator.LibSystem.Darwin;

/// <summary><c>struct stat</c> with 64-bit inode numbers.</summary>
[StructLayout(LayoutKind.Explicit, Size = 144)]
internal struct DarwinStatus
{
    private const uint UserImmutable = 0x2;
    private const uint UserAppend = 0x4;

    [FieldOffset(0)]
    internal int Device;

    [FieldOffset(4)]
    internal ushort Mode;

    [FieldOffset(6)]
    internal ushort Links;

    [FieldOffset(8)]
    internal ulong Inode;

    [FieldOffset(16)]
    internal uint Uid;

    [FieldOffset(20)]
    internal uint Gid;

    [FieldOffset(24)]
    internal int SpecialDevice;

    [FieldOffset(32)]
    internal DarwinTime Accessed;

    [FieldOffset(48)]
    internal DarwinTime Modified;

    [FieldOffset(64)]
    internal DarwinTime Changed;

    [FieldOffset(80)]
    internal DarwinTime Born;

    [FieldOffset(96)]
    internal long Size;

    [FieldOffset(104)]
    internal long Blocks;

    [FieldOffset(112)]
    internal int BlockSize;

    [FieldOffset(116)]
    internal uint Flags;

    [FieldOffset(120)]
    internal uint Generation;

    internal static DarwinStatus From(in LinuxStatus status) => new()
    {
        Device = DeviceNumber(status.DeviceMajor, status.DeviceMinor),
        Mode = status.Mode,
        Links = (ushort)Math.Min(status.Links, ushort.MaxValue),
        Inode = status.Inode,
        Uid = status.Uid,
        Gid = status.Gid,
        SpecialDevice = DeviceNumber(status.SpecialMajor, status.SpecialMinor),
        Accessed = DarwinTime.From(status.Accessed),
        Modified = DarwinTime.From(status.Modified),
        Changed = DarwinTime.From(status.Changed),
        Born = DarwinTime.From(status.Born),
        Size = status.Size,
        Blocks = status.Blocks,
        BlockSize = (int)status.BlockSize,

        // What chattr +i and +a set on Linux stands for uchg and uappnd.
        Flags = ((status.Attributes & LinuxStatus.Immutable) != 0 ? UserImmutable : 0) | ((status.Attributes & LinuxStatus.AppendOnly) != 0 ? UserAppend : 0),
    };

    /// <summary>Darwin's <c>makedev</c>: eight bits of major number, then twenty-four of minor.</summary>
    internal static int DeviceNumber(uint major, uint minor) => (int)((major << 24) | (minor & 0xffffff));
}

/// <summary><c>struct timespec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DarwinTime
{
    internal long Seconds;
    internal long Nanoseconds;

    internal static DarwinTime From(in LinuxTime time) => new() { Seconds = time.Seconds, Nanoseconds = time.Nanoseconds };
}
