using System.Runtime.InteropServices;

namespace MacRunners.MacEmulator.LibSystem.Darwin;

/// <summary><c>struct statfs</c> with 64-bit inode numbers.</summary>
[StructLayout(LayoutKind.Explicit, Size = 2168)]
internal unsafe struct DarwinFileSystem
{
    internal const int TypeNameSize = 16;
    internal const int PathSize = 1024;

    internal const uint ReadOnly = 0x1;
    internal const uint NoExecute = 0x4;
    internal const uint NoSetId = 0x8;
    internal const uint NoDevices = 0x10;
    internal const uint Local = 0x1000;
    internal const uint NoBrowse = 0x100000;
    internal const uint Journaled = 0x800000;

    [FieldOffset(0)]
    internal uint BlockSize;

    [FieldOffset(4)]
    internal int TransferSize;

    [FieldOffset(8)]
    internal ulong Blocks;

    [FieldOffset(16)]
    internal ulong Free;

    [FieldOffset(24)]
    internal ulong Available;

    [FieldOffset(32)]
    internal ulong Files;

    [FieldOffset(40)]
    internal ulong FilesFree;

    [FieldOffset(48)]
    internal int FirstId;

    [FieldOffset(52)]
    internal int SecondId;

    [FieldOffset(56)]
    internal uint Owner;

    [FieldOffset(60)]
    internal uint Type;

    [FieldOffset(64)]
    internal uint Flags;

    [FieldOffset(68)]
    internal uint SubType;

    [FieldOffset(72)]
    internal fixed byte TypeName[TypeNameSize];

    [FieldOffset(88)]
    internal fixed byte MountedOn[PathSize];

    [FieldOffset(1112)]
    internal fixed byte MountedFrom[PathSize];

    [FieldOffset(2136)]
    internal uint ExtendedFlags;
}
