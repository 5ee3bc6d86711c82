using System.Runtime.InteropServices;

namespace MacRunners.MacEmulator.LibSystem.Darwin;

/// <summary><c>struct passwd</c>, which has three fields more than Linux's.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal unsafe struct DarwinUser
{
    [FieldOffset(0)]
    internal byte* Name;

    [FieldOffset(8)]
    internal byte* Password;

    [FieldOffset(16)]
    internal uint Uid;

    [FieldOffset(20)]
    internal uint Gid;

    [FieldOffset(24)]
    internal long PasswordChange;

    [FieldOffset(32)]
    internal byte* Class;

    [FieldOffset(40)]
    internal byte* Gecos;

    [FieldOffset(48)]
    internal byte* Home;

    [FieldOffset(56)]
    internal byte* Shell;

    [FieldOffset(64)]
    internal long Expires;
}
