using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Name look-ups. The error is the result, not in errno; an unknown name is success with a null result.</summary>
internal static unsafe class AccountCalls
{
    [UnmanagedCallersOnly(EntryPoint = "getpwnam_r")]
    private static int FindUser(byte* name, DarwinUser* user, byte* buffer, nuint size, DarwinUser** result)
    {
        LinuxUser linux;
        LinuxUser* found;
        return Convert(Glibc.FindUser(name, &linux, buffer, size, &found), found, user, result);
    }

    [UnmanagedCallersOnly(EntryPoint = "getpwuid_r")]
    private static int FindUserByUid(uint uid, DarwinUser* user, byte* buffer, nuint size, DarwinUser** result)
    {
        LinuxUser linux;
        LinuxUser* found;
        return Convert(Glibc.FindUser(uid, &linux, buffer, size, &found), found, user, result);
    }

    [UnmanagedCallersOnly(EntryPoint = "getgrnam_r")]
    private static int FindGroup(byte* name, void* group, byte* buffer, nuint size, void** result) =>
        DarwinErrors.From(Glibc.FindGroup(name, group, buffer, size, result));

    [UnmanagedCallersOnly(EntryPoint = "getgrgid_r")]
    private static int FindGroupByGid(uint gid, void* group, byte* buffer, nuint size, void** result) =>
        DarwinErrors.From(Glibc.FindGroup(gid, group, buffer, size, result));

    private static int Convert(int error, LinuxUser* found, DarwinUser* user, DarwinUser** result)
    {
        *result = null;
        if (error != 0 || found == null)
        {
            return DarwinErrors.From(error);
        }

        *user = default;
        user->Name = found->Name;
        user->Password = found->Password;
        user->Uid = found->Uid;
        user->Gid = found->Gid;
        user->Gecos = found->Gecos;
        user->Home = found->Home;
        user->Shell = found->Shell;

        // Empty, and inside the caller's buffer: the NUL that ends the name.
        user->Class = found->Name + MemoryMarshal.CreateReadOnlySpanFromNullTerminated(found->Name).Length;
        *result = user;
        return 0;
    }
}
