using System.Runtime.InteropServices;
using System.Text;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;
using MacRunners.MacEmulator.LibSystem.Translation;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Flags, which is how immutable files are freed: of an open file, and by name by <c>setattrlistat</c>.</summary>
internal static unsafe class AttributeCalls
{
    private const ushort BitmapCount = 5;
    private const uint CommonFlags = 0x00040000;
    private const uint OptionNoFollow = 1;

    // User's and superuser's flags: uchg, schg; uappnd, sappnd.
    private const uint ImmutableFlags = 0x2 | 0x20000;
    private const uint AppendFlags = 0x4 | 0x40000;

    private const nuint GetLinuxFlags = 0x80086601;
    private const nuint SetLinuxFlags = 0x40086602;
    private const long LinuxImmutable = 0x10;
    private const long LinuxAppend = 0x20;
    private const ushort TypeMask = 0xf000;
    private const ushort RegularFile = 0x8000;
    private const ushort Directory = 0x4000;

    /// <summary><c>struct attrlist</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct AttributeList
    {
        internal ushort Count;
        internal ushort Reserved;
        internal uint Common;
        internal uint Volume;
        internal uint DirectoryAttributes;
        internal uint File;
        internal uint Fork;
    }

    [UnmanagedCallersOnly(EntryPoint = "setattrlistat")]
    private static int SetAttributes(int directory, byte* path, AttributeList* list, byte* buffer, nuint size, uint options)
    {
        if (list->Count != BitmapCount || size < sizeof(uint) || (options & ~OptionNoFollow) != 0)
        {
            return Call.Fail(DarwinErrors.Invalid);
        }

        if (list->Common != CommonFlags || (list->Volume | list->DirectoryAttributes | list->File | list->Fork) != 0)
        {
            return Call.Fail(DarwinErrors.NotSupported);
        }

        var flags = *(uint*)buffer;
        var immutable = (flags & ImmutableFlags) != 0;
        var append = (flags & AppendFlags) != 0;
        var noFollow = (options & OptionNoFollow) != 0;
        LinuxStatus status;
        if (Glibc.Status(AtFlags.Directory(directory), path, noFollow ? AtFlags.LinuxNoFollow : 0, LinuxStatus.Wanted, &status) != 0)
        {
            return Call.Return(-1);
        }

        // Nearly always nothing is set and nothing is to be set.
        return (status.Attributes & LinuxStatus.Immutable) != 0 == immutable && (status.Attributes & LinuxStatus.AppendOnly) != 0 == append
            ? 0
            : Change(AtFlags.Directory(directory), path, noFollow, immutable, append);
    }

    /// <summary>Of an open file; one that was opened as a link itself is no more than a place on Linux, which is enough.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fchflags")]
    private static int SetFlags(int descriptor, uint flags)
    {
        var error = ChangeFound(descriptor, (flags & ImmutableFlags) != 0, (flags & AppendFlags) != 0);
        return error == 0 ? 0 : Call.Fail(DarwinErrors.From(error));
    }

    // Linux has these flags for files and directories only, and sets them through an open descriptor. Nothing else is opened:
    // that could block, or do things.
    private static int Change(int directory, byte* path, bool noFollow, bool immutable, bool append)
    {
        var found = Glibc.OpenAt(directory, path, OpenFlags.LinuxPathOnly | OpenFlags.LinuxCloseOnExec | (noFollow ? OpenFlags.LinuxNoFollow : 0));
        if (found < 0)
        {
            return Call.Return(found);
        }

        var error = ChangeFound(found, immutable, append);
        _ = Glibc.Close(found);
        return error == 0 ? 0 : Call.Fail(DarwinErrors.From(error));
    }

    private static int ChangeFound(int found, bool immutable, bool append)
    {
        byte nothing = 0;
        LinuxStatus status;
        if (Glibc.Status(found, &nothing, AtFlags.LinuxEmptyPath, LinuxStatus.Wanted, &status) != 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        const int operationNotSupported = 95;
        if ((status.Mode & TypeMask) is not (RegularFile or Directory))
        {
            return operationNotSupported;
        }

        int descriptor;
        fixed (byte* link = Encoding.ASCII.GetBytes($"/proc/self/fd/{found}\0"))
        {
            descriptor = Glibc.OpenAt(AtFlags.LinuxCurrentDirectory, link, OpenFlags.LinuxNonBlocking | OpenFlags.LinuxCloseOnExec);
        }

        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        long flags = 0;
        var result = Glibc.DeviceControl(descriptor, GetLinuxFlags, &flags);
        if (result == 0)
        {
            flags = (flags & ~(LinuxImmutable | LinuxAppend)) | (immutable ? LinuxImmutable : 0) | (append ? LinuxAppend : 0);
            result = Glibc.DeviceControl(descriptor, SetLinuxFlags, &flags);
        }

        var error = result == 0 ? 0 : Marshal.GetLastPInvokeError();
        _ = Glibc.Close(descriptor);
        return error;
    }
}
