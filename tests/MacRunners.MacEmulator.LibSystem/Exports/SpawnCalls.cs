using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>
/// <c>posix_spawn</c>, only in the form that replaces the caller's program. The error is the result, not in errno. Who has disclaimed, and
/// every descendant, is known by an attribute of its process that Linux hands down over fork and execve and that nobody here uses: the one
/// against huge pages (<c>THP_enabled: 0</c> in <c>/proc/PID/status</c>).
/// </summary>
internal static unsafe class SpawnCalls
{
    private const short InPlace = 0x40;
    private const int SetHugePagesDisabled = 41;

    [UnmanagedCallersOnly(EntryPoint = "posix_spawnattr_init")]
    private static int Initialise(Attributes** attributes)
    {
        *attributes = (Attributes*)Glibc.Allocate((nuint)sizeof(Attributes));
        **attributes = default;
        return 0;
    }

    [UnmanagedCallersOnly(EntryPoint = "posix_spawnattr_setflags")]
    private static int SetFlags(Attributes** attributes, short flags)
    {
        (*attributes)->Flags = flags;
        return 0;
    }

    [UnmanagedCallersOnly(EntryPoint = "responsibility_spawnattrs_setdisclaim")]
    private static int SetDisclaim(Attributes** attributes, int disclaim)
    {
        (*attributes)->Disclaims = disclaim != 0;
        return 0;
    }

    [UnmanagedCallersOnly(EntryPoint = "posix_spawn")]
    private static int Spawn(int* pid, byte* path, nint fileActions, Attributes** attributes, byte** arguments, byte** environment)
    {
        if (attributes == null || (*attributes)->Flags != InPlace || fileActions != 0)
        {
            return DarwinErrors.NotSupported;
        }

        if ((*attributes)->Disclaims && Glibc.ControlProcess(SetHugePagesDisabled, 1, 0, 0, 0) != 0)
        {
            return DarwinErrors.From(Marshal.GetLastPInvokeError());
        }

        _ = Glibc.Execute(path, arguments, environment);
        return DarwinErrors.From(Marshal.GetLastPInvokeError());
    }

    private struct Attributes
    {
        public short Flags;
        public bool Disclaims;
    }
}
