using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.MacEmulator.LibSystem.Native;

namespace MacRunners.MacEmulator.LibSystem.Exports;

/// <summary>Reading directories. A <c>DIR</c> is glibc's stream with room for one Darwin entry.</summary>
internal static unsafe class DirectoryCalls
{
    private struct Stream
    {
        internal nint Linux;
        internal DarwinDirectoryEntry Entry;
    }

    [UnmanagedCallersOnly(EntryPoint = "fdopendir")]
    private static Stream* Open(int descriptor) => OpenCore(descriptor);

    [UnmanagedCallersOnly(EntryPoint = "fdopendir$INODE64")]
    private static Stream* Open64(int descriptor) => OpenCore(descriptor);

    [UnmanagedCallersOnly(EntryPoint = "readdir")]
    private static DarwinDirectoryEntry* Read(Stream* stream) => ReadCore(stream);

    [UnmanagedCallersOnly(EntryPoint = "readdir$INODE64")]
    private static DarwinDirectoryEntry* Read64(Stream* stream) => ReadCore(stream);

    [UnmanagedCallersOnly(EntryPoint = "rewinddir")]
    private static void Rewind(Stream* stream) => Glibc.RewindStream(stream->Linux);

    [UnmanagedCallersOnly(EntryPoint = "rewinddir$INODE64")]
    private static void Rewind64(Stream* stream) => Glibc.RewindStream(stream->Linux);

    [UnmanagedCallersOnly(EntryPoint = "dirfd")]
    private static int Descriptor(Stream* stream) => Call.Return(Glibc.DescriptorOf(stream->Linux));

    // The only one of the family that has no $INODE64 name on Intel Macs.
    [UnmanagedCallersOnly(EntryPoint = "closedir")]
    private static int Close(Stream* stream)
    {
        var result = Glibc.CloseStream(stream->Linux);
        NativeMemory.Free(stream);
        return Call.Return(result);
    }

    private static Stream* OpenCore(int descriptor)
    {
        var linux = Glibc.OpenStream(descriptor);
        if (linux == 0)
        {
            _ = Call.Return(-1);
            return null;
        }

        var stream = (Stream*)NativeMemory.AllocZeroed((nuint)sizeof(Stream));
        stream->Linux = linux;
        return stream;
    }

    private static DarwinDirectoryEntry* ReadCore(Stream* stream)
    {
        var linux = Glibc.ReadStream(stream->Linux);
        if (linux == null)
        {
            // The end, when errno stays as it was: zero, as careful callers set it before.
            _ = Marshal.GetLastPInvokeError() == 0 ? 0 : Call.Return(-1);
            return null;
        }

        const int alignment = 4;
        var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(linux->Name);
        var entry = &stream->Entry;
        entry->Inode = linux->Inode;
        entry->Type = linux->Type;
        entry->NameLength = (ushort)name.Length;
        entry->RecordLength = (ushort)((DarwinDirectoryEntry.NameOffset + name.Length + 1 + alignment - 1) & ~(alignment - 1));
        name.CopyTo(new Span<byte>(entry->Name, name.Length));
        entry->Name[name.Length] = 0;
        return entry;
    }
}
