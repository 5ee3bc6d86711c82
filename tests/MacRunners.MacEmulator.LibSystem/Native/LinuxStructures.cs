using System.Runtime.InteropServices;

namespace MacRunners.MacEmulator.LibSystem.Native;

/// <summary><c>struct statx</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct LinuxStatus
{
    internal const uint Wanted = 0xfff;
    internal const uint WantedMount = 0x1000;
    internal const ulong Immutable = 0x10;
    internal const ulong AppendOnly = 0x20;

    [FieldOffset(4)]
    internal uint BlockSize;

    [FieldOffset(8)]
    internal ulong Attributes;

    [FieldOffset(16)]
    internal uint Links;

    [FieldOffset(20)]
    internal uint Uid;

    [FieldOffset(24)]
    internal uint Gid;

    [FieldOffset(28)]
    internal ushort Mode;

    [FieldOffset(32)]
    internal ulong Inode;

    [FieldOffset(40)]
    internal long Size;

    [FieldOffset(48)]
    internal long Blocks;

    [FieldOffset(64)]
    internal LinuxTime Accessed;

    [FieldOffset(80)]
    internal LinuxTime Born;

    [FieldOffset(96)]
    internal LinuxTime Changed;

    [FieldOffset(112)]
    internal LinuxTime Modified;

    [FieldOffset(128)]
    internal uint SpecialMajor;

    [FieldOffset(132)]
    internal uint SpecialMinor;

    [FieldOffset(136)]
    internal uint DeviceMajor;

    [FieldOffset(140)]
    internal uint DeviceMinor;

    [FieldOffset(144)]
    internal ulong MountId;
}

/// <summary><c>struct statx_timestamp</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct LinuxTime
{
    [FieldOffset(0)]
    internal long Seconds;

    [FieldOffset(8)]
    internal uint Nanoseconds;
}

/// <summary><c>struct dirent</c> of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct LinuxDirectoryEntry
{
    [FieldOffset(0)]
    internal ulong Inode;

    [FieldOffset(18)]
    internal byte Type;

    [FieldOffset(19)]
    internal fixed byte Name[256];
}

/// <summary><c>struct statfs</c> of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct LinuxFileSystem
{
    [FieldOffset(8)]
    internal long BlockSize;

    [FieldOffset(16)]
    internal ulong Blocks;

    [FieldOffset(24)]
    internal ulong Free;

    [FieldOffset(32)]
    internal ulong Available;

    [FieldOffset(40)]
    internal ulong Files;

    [FieldOffset(48)]
    internal ulong FilesFree;
}

/// <summary><c>struct passwd</c> of glibc.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LinuxUser
{
    internal byte* Name;
    internal byte* Password;
    internal uint Uid;
    internal uint Gid;
    internal byte* Gecos;
    internal byte* Home;
    internal byte* Shell;
}

/// <summary><c>struct open_how</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinuxOpenHow
{
    internal const int SystemCall = 437;
    internal const ulong NoSymlinks = 4;
    internal const ulong Beneath = 8;

    internal ulong Flags;
    internal ulong Mode;
    internal ulong Resolve;
}

/// <summary><c>struct rlimit</c>, the same on both systems but for the value of infinity.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ResourceLimits
{
    internal ulong Soft;
    internal ulong Hard;
}
