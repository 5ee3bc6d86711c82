using System.Runtime.InteropServices;

namespace MacRunners.MacEmulator.LibSystem.Darwin;

/// <summary><c>struct statvfs</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DarwinVolumeStatus
{
    internal ulong BlockSize;
    internal ulong FragmentSize;
    internal uint Blocks;
    internal uint Free;
    internal uint Available;
    internal uint Files;
    internal uint FilesFree;
    internal uint FilesAvailable;
    internal ulong FileSystem;
    internal ulong Flags;
    internal ulong LongestName;
}
