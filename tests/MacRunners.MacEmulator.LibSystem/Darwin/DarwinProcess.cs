using System.Runtime.InteropServices;

namespace MacRunners.MacEmulator.LibSystem.Darwin;

/// <summary><c>struct proc_bsdinfo</c>, what <c>proc_pidinfo(PROC_PIDTBSDINFO)</c> fills in.</summary>
[StructLayout(LayoutKind.Explicit, Size = 136)]
internal unsafe struct DarwinProcess
{
    internal const int CommandSize = 16;
    internal const int NameSize = 32;

    internal const uint Running = 2;
    internal const uint Sleeping = 3;
    internal const uint Stopped = 4;
    internal const uint Zombie = 5;

    [FieldOffset(0)]
    internal uint Flags;

    [FieldOffset(4)]
    internal uint Status;

    [FieldOffset(8)]
    internal uint ExitStatus;

    [FieldOffset(12)]
    internal uint Pid;

    [FieldOffset(16)]
    internal uint ParentPid;

    [FieldOffset(20)]
    internal uint Uid;

    [FieldOffset(24)]
    internal uint Gid;

    [FieldOffset(28)]
    internal uint RealUid;

    [FieldOffset(32)]
    internal uint RealGid;

    [FieldOffset(36)]
    internal uint SavedUid;

    [FieldOffset(40)]
    internal uint SavedGid;

    [FieldOffset(48)]
    internal fixed byte Command[CommandSize];

    [FieldOffset(64)]
    internal fixed byte Name[NameSize];

    [FieldOffset(96)]
    internal uint Files;

    [FieldOffset(100)]
    internal uint ProcessGroup;

    [FieldOffset(104)]
    internal uint JobControl;

    [FieldOffset(108)]
    internal uint Terminal;

    [FieldOffset(112)]
    internal uint TerminalGroup;

    [FieldOffset(116)]
    internal int Nice;

    [FieldOffset(120)]
    internal ulong StartSeconds;

    [FieldOffset(128)]
    internal ulong StartMicroseconds;
}
