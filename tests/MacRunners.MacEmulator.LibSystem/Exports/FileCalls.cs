using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;
using MacRunners.MacEmulator.LibSystem.Translation;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Opening, asking, renaming, removing, owners and modes.</summary>
internal static unsafe class FileCalls
{
    private const int SetDescriptorFlags = 2;
    private const nint CloseOnExec = 1;
    private const nuint CloseOnExecRequest = 0x20006601;
    private const int IsDirectory = 21;

    [UnmanagedCallersOnly(EntryPoint = "open")]
    private static int Open(byte* path, int flags) => OpenCore(AtFlags.LinuxCurrentDirectory, path, flags);

    [UnmanagedCallersOnly(EntryPoint = "openat")]
    private static int OpenAt(int directory, byte* path, int flags) => OpenCore(AtFlags.Directory(directory), path, flags);

    [UnmanagedCallersOnly(EntryPoint = "close")]
    private static int Close(int descriptor) => Call.Return(Glibc.Close(descriptor));

    [UnmanagedCallersOnly(EntryPoint = "dup2")]
    private static int Duplicate(int from, int to) => Call.Return(Glibc.Duplicate(from, to));

    /// <summary>FIOCLEX only, the one request that needs no variadic argument.</summary>
    [UnmanagedCallersOnly(EntryPoint = "ioctl")]
    private static int DeviceControl(int descriptor, nuint request) => request == CloseOnExecRequest
        ? Call.Return(Glibc.Control(descriptor, SetDescriptorFlags, CloseOnExec))
        : Call.Fail(DarwinErrors.NotSupported);

    [UnmanagedCallersOnly(EntryPoint = "fstat")]
    private static int Status(int descriptor, DarwinStatus* status) => StatusCore(descriptor, status);

    [UnmanagedCallersOnly(EntryPoint = "fstat$INODE64")]
    private static int Status64(int descriptor, DarwinStatus* status) => StatusCore(descriptor, status);

    [UnmanagedCallersOnly(EntryPoint = "fstatat")]
    private static int StatusAt(int directory, byte* path, DarwinStatus* status, int flags) => StatusCore(directory, path, status, flags);

    [UnmanagedCallersOnly(EntryPoint = "fstatat$INODE64")]
    private static int StatusAt64(int directory, byte* path, DarwinStatus* status, int flags) => StatusCore(directory, path, status, flags);

    [UnmanagedCallersOnly(EntryPoint = "unlinkat")]
    private static int Unlink(int directory, byte* path, int flags)
    {
        if (!AtFlags.TryTranslateUnlink(flags, out var linux))
        {
            return Call.Fail(DarwinErrors.Invalid);
        }

        var result = Glibc.Unlink(AtFlags.Directory(directory), path, linux);

        // Darwin follows POSIX here, Linux does not.
        return result != 0 && linux == 0 && Marshal.GetLastPInvokeError() == IsDirectory ? Call.Fail(DarwinErrors.NotPermitted) : Call.Return(result);
    }

    [UnmanagedCallersOnly(EntryPoint = "mkdirat")]
    private static int MakeDirectory(int directory, byte* path, ushort mode) => Call.Return(Glibc.MakeDirectory(AtFlags.Directory(directory), path, mode));

    [UnmanagedCallersOnly(EntryPoint = "mkfifo")]
    private static int MakeFifo(byte* path, ushort mode) => Call.Return(Glibc.MakeFifo(AtFlags.LinuxCurrentDirectory, path, mode));

    [UnmanagedCallersOnly(EntryPoint = "mkfifoat")]
    private static int MakeFifoAt(int directory, byte* path, ushort mode) => Call.Return(Glibc.MakeFifo(AtFlags.Directory(directory), path, mode));

    [UnmanagedCallersOnly(EntryPoint = "fchown")]
    private static int ChangeOwner(int descriptor, uint uid, uint gid) => Call.Return(Glibc.ChangeOwner(descriptor, uid, gid));

    [UnmanagedCallersOnly(EntryPoint = "lchown")]
    private static int ChangeOwnerOfLink(byte* path, uint uid, uint gid) =>
        Call.Return(Glibc.ChangeOwner(AtFlags.LinuxCurrentDirectory, path, uid, gid, AtFlags.LinuxNoFollow));

    [UnmanagedCallersOnly(EntryPoint = "fchownat")]
    private static int ChangeOwnerAt(int directory, byte* path, uint uid, uint gid, int flags) => AtFlags.TryTranslate(flags, out var linux, out var nothing) && !nothing
        ? Call.Return(Glibc.ChangeOwner(AtFlags.Directory(directory), path, uid, gid, linux))
        : Call.Fail(DarwinErrors.Invalid);

    [UnmanagedCallersOnly(EntryPoint = "fchmod")]
    private static int ChangeMode(int descriptor, ushort mode) => Call.Return(Glibc.ChangeMode(descriptor, mode));

    private static int OpenCore(int directory, byte* path, int flags)
    {
        if (!OpenFlags.TryTranslate(flags, out var linux, out var resolve))
        {
            return Call.Fail(DarwinErrors.Invalid);
        }

        var descriptor = Call.Return(resolve == 0 ? Glibc.OpenAt(directory, path, linux) : OpenResolved(directory, path, linux, resolve));
        if (descriptor < 0 || (linux & OpenFlags.LinuxPathOnly) == 0 || !IsSocket(descriptor))
        {
            return descriptor;
        }

        // What only names a place on Linux is opened on Darwin, and that no socket is.
        _ = Glibc.Close(descriptor);
        return Call.Fail(DarwinErrors.NotForSockets);
    }

    private static bool IsSocket(int descriptor)
    {
        const ushort typeMask = 0xf000;
        const ushort socket = 0xc000;
        byte nothing = 0;
        LinuxStatus status;
        return Glibc.Status(descriptor, &nothing, AtFlags.LinuxEmptyPath, LinuxStatus.Wanted, &status) == 0 && (status.Mode & typeMask) == socket;
    }

    private static int OpenResolved(int directory, byte* path, int linux, ulong resolve)
    {
        var how = new LinuxOpenHow { Flags = (ulong)linux, Resolve = resolve };
        return (int)Glibc.SystemCall(LinuxOpenHow.SystemCall, directory, (nint)path, (nint)(&how), sizeof(LinuxOpenHow));
    }

    private static int StatusCore(int descriptor, DarwinStatus* status)
    {
        byte nothing = 0;
        LinuxStatus linux;
        var result = Glibc.Status(descriptor < 0 ? -1 : descriptor, &nothing, AtFlags.LinuxEmptyPath, LinuxStatus.Wanted, &linux);
        return Convert(result, linux, status);
    }

    private static int StatusCore(int directory, byte* path, DarwinStatus* status, int flags)
    {
        if (!AtFlags.TryTranslate(flags, out var linuxFlags, out var followNothing))
        {
            return Call.Fail(DarwinErrors.Invalid);
        }

        if (!followNothing)
        {
            LinuxStatus linux;
            var result = Glibc.Status(AtFlags.Directory(directory), path, linuxFlags, LinuxStatus.Wanted, &linux);
            return Convert(result, linux, status);
        }

        // Here a link in the last place is an error, too. Opened as a path only, nothing is read and nothing is triggered.
        var descriptor = OpenResolved(AtFlags.Directory(directory), path, OpenFlags.LinuxPathOnly | OpenFlags.LinuxCloseOnExec, LinuxOpenHow.NoSymlinks);
        if (descriptor < 0)
        {
            return Call.Return(descriptor);
        }

        var asked = StatusCore(descriptor, status);
        _ = Glibc.Close(descriptor);
        return asked;
    }

    private static int Convert(int result, in LinuxStatus linux, DarwinStatus* status)
    {
        if (result == 0)
        {
            *status = DarwinStatus.From(linux);
        }

        return Call.Return(result);
    }
}
