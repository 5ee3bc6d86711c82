using System.Runtime.InteropServices;

namespace MacRunners.MacEmulator.LibSystem.Darwin;

/// <summary><c>struct dirent</c> with 64-bit inode numbers. The types of entries have the same numbers as on Linux.</summary>
[StructLayout(LayoutKind.Explicit, Size = 1048)]
internal unsafe struct DarwinDirectoryEntry
{
    internal const int NameOffset = 21;

    [FieldOffset(0)]
    internal ulong Inode;

    [FieldOffset(8)]
    internal ulong SeekOffset;

    [FieldOffset(16)]
    internal ushort RecordLength;

    [FieldOffset(18)]
    internal ushort NameLength;

    [FieldOffset(20)]
    internal byte Type;

    [FieldOffset(NameOffset)]
    internal fixed byte Name[1024];
}
