using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;
using MacRunners.MacEmulator.LibSystem.Proc;
using MacRunners.MacEmulator.LibSystem.Translation;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Renaming.</summary>
internal static unsafe class RenameCalls
{
    private const uint Swap = 2;
    private const uint Exclusive = 4;
    private const uint NoFollowAny = 0x10;
    private const uint LinuxNoReplace = 1;
    private const uint LinuxExchange = 2;
    private const int CrossDevice = 18;

    [UnmanagedCallersOnly(EntryPoint = "renameat")]
    private static int Rename(int fromDirectory, byte* from, int toDirectory, byte* to) => Core(fromDirectory, from, toDirectory, to, 0);

    [UnmanagedCallersOnly(EntryPoint = "renameatx_np")]
    private static int RenameExtended(int fromDirectory, byte* from, int toDirectory, byte* to, uint flags)
    {
        // Exclusive and swapping contradict each other. Following no link is a matter of course for single components; for
        // longer paths Linux has no such rename.
        var single = !HasSlash(from) && !HasSlash(to);
        if ((flags & ~(Swap | Exclusive | NoFollowAny)) != 0 || (flags & (Swap | Exclusive)) == (Swap | Exclusive) || ((flags & NoFollowAny) != 0 && !single))
        {
            return Call.Fail(DarwinErrors.Invalid);
        }

        return Core(fromDirectory, from, toDirectory, to, ((flags & Exclusive) != 0 ? LinuxNoReplace : 0) | ((flags & Swap) != 0 ? LinuxExchange : 0));
    }

    private static int Core(int fromDirectory, byte* from, int toDirectory, byte* to, uint flags)
    {
        var linuxFrom = AtFlags.Directory(fromDirectory);
        var linuxTo = AtFlags.Directory(toDirectory);
        var result = Glibc.Rename(linuxFrom, from, linuxTo, to, flags);
        if (result == 0 || Marshal.GetLastPInvokeError() != CrossDevice || HasSlash(from) || HasSlash(to))
        {
            return Call.Return(result);
        }

        // On the emulated Mac, /private/tmp and the homes are one volume. Here the first is a bind mount, across which Linux does
        // not rename even on the same file system: so the directory is reached through the other's mount.
        var direct = BindMounts.SameDirectoryThroughMountOf(linuxFrom, linuxTo);
        if (direct < 0)
        {
            return Call.Fail(DarwinErrors.CrossDevice);
        }

        result = Glibc.Rename(direct, from, linuxTo, to, flags);
        var error = Marshal.GetLastPInvokeError();
        _ = Glibc.Close(direct);
        return result == 0 ? 0 : Call.Fail(DarwinErrors.From(error));
    }

    private static bool HasSlash(byte* path) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(path).Contains((byte)'/');
}
