using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Who the process is. Changes go through glibc, which applies them to all threads, as Darwin does.</summary>
internal static unsafe class CredentialCalls
{
    private const int MostGroups = 16;
    private const int LongestLogin = 255;

    [UnmanagedCallersOnly(EntryPoint = "getuid")]
    private static uint Uid() => Glibc.GetUid();

    [UnmanagedCallersOnly(EntryPoint = "geteuid")]
    private static uint EffectiveUid() => Glibc.GetEffectiveUid();

    [UnmanagedCallersOnly(EntryPoint = "getgid")]
    private static uint Gid() => Glibc.GetGid();

    [UnmanagedCallersOnly(EntryPoint = "getegid")]
    private static uint EffectiveGid() => Glibc.GetEffectiveGid();

    [UnmanagedCallersOnly(EntryPoint = "setuid")]
    private static int SetUid(uint uid) => Call.Return(Glibc.SetUid(uid));

    [UnmanagedCallersOnly(EntryPoint = "seteuid")]
    private static int SetEffectiveUid(uint uid) => Call.Return(Glibc.SetEffectiveUid(uid));

    [UnmanagedCallersOnly(EntryPoint = "setgid")]
    private static int SetGid(uint gid) => Call.Return(Glibc.SetGid(gid));

    [UnmanagedCallersOnly(EntryPoint = "initgroups")]
    private static int InitializeGroups(byte* name, int gid) => Call.Return(Glibc.InitializeGroups(name, (uint)gid));

    [UnmanagedCallersOnly(EntryPoint = "setgroups")]
    private static int SetGroups(int count, uint* groups) => count is < 0 or > MostGroups
        ? Call.Fail(DarwinErrors.Invalid)
        : Call.Return(Glibc.SetGroups((nuint)count, groups));

    [UnmanagedCallersOnly(EntryPoint = "getgroups")]
    private static int GetGroups(int count, uint* groups) => Call.Return(Glibc.GetGroups(count, groups));

    /// <summary>Linux has no login name of a session; who may set it and how long it may be is all that can be told.</summary>
    [UnmanagedCallersOnly(EntryPoint = "setlogin")]
    private static int SetLogin(byte* name) =>
        Glibc.GetEffectiveUid() != 0 ? Call.Fail(DarwinErrors.NotPermitted)
        : MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name).Length > LongestLogin ? Call.Fail(DarwinErrors.Invalid)
        : 0;
}
