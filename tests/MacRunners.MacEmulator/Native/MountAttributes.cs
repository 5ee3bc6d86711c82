using System.Runtime.InteropServices;

namespace MacRunners.MacEmulator.Native;

/// <summary><c>struct mount_attr</c>, and the calls that make a mount with its flags before it is seen anywhere.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MountAttributes
{
    internal const ulong ReadOnly = 0x1;
    internal const ulong NoSetId = 0x2;
    internal const ulong NoDevices = 0x4;
    internal const ulong NoExecution = 0x8;
    internal const ulong NoDirectoryAccessTimes = 0x80;

    internal const long OpenTreeCall = 428;
    internal const long MoveCall = 429;
    internal const long SetCall = 442;
    internal const uint OpenTreeClone = 1;
    internal const uint EmptyPath = 0x1000;
    internal const uint MoveByDescriptors = 0x44;

    internal ulong Set;
    internal ulong Clear;
    internal ulong Propagation;
    internal ulong UserNamespace;
}
