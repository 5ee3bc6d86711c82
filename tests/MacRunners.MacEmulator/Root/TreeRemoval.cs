using System.Runtime.InteropServices;
using System.Text;
using MacRunners.MacEmulator.Native;

namespace MacRunners.MacEmulator.Root;

/// <summary>
/// Removes a folder with what is in it, relative to open descriptors: no link is followed, no mount point (bind mounts of the
/// same file system included) is crossed.
/// </summary>
internal static unsafe class TreeRemoval
{
    private const int NameOffset = 19;

    internal static void Remove(string path)
    {
        var parent = Path.GetDirectoryName(path)!;
        var name = Path.GetFileName(path);
        var directory = Open(-100, parent, OpenHow.NoSymlinks);
        try
        {
            RemoveBelow(directory, Encoding.UTF8.GetBytes(name + '\0'), path);
        }
        finally
        {
            _ = Libc.Close(directory);
        }
    }

    private static int Open(int directory, string path, ulong resolve) => Open(directory, Encoding.UTF8.GetBytes(path + '\0'), resolve, path);

    private static int Open(int directory, byte[] name, ulong resolve, string shown)
    {
        var how = new OpenHow { Flags = Libc.DirectoryOnly | Libc.NoFollow | Libc.CloseOnExec, Resolve = resolve };
        fixed (byte* pointer = name)
        {
            var descriptor = (int)Libc.OpenAt2(OpenHow.SystemCall, directory, pointer, &how, (nuint)sizeof(OpenHow));
            Libc.Check(descriptor >= 0 ? 0 : -1, "openat2", shown);
            return descriptor;
        }
    }

    private static void RemoveBelow(int parent, byte[] name, string shown)
    {
        var stream = Libc.OpenDirectoryStream(Open(parent, name, OpenHow.NoMountCrossing | OpenHow.NoSymlinks | OpenHow.Beneath, shown));
        try
        {
            var directory = Libc.DescriptorOf(stream);
            foreach (var entry in Entries(stream))
            {
                var inside = $"{shown}/{Encoding.UTF8.GetString(entry.AsSpan(0, entry.Length - 1))}";
                if (Unlink(directory, entry, 0) is var error and not 0)
                {
                    if (error is not (Libc.IsDirectory or Libc.NotPermitted))
                    {
                        throw new IOException($"'{inside}' cannot be removed (errno {error})");
                    }

                    RemoveBelow(directory, entry, inside);
                }
            }
        }
        finally
        {
            _ = Libc.CloseDirectory(stream);
        }

        if (Unlink(parent, name, Libc.AtRemoveDirectory) is var failure and not 0)
        {
            throw new IOException($"'{shown}' cannot be removed (errno {failure})");
        }
    }

    private static List<byte[]> Entries(nint stream)
    {
        var entries = new List<byte[]>();
        while (Libc.ReadDirectory(stream) is var entry and not 0)
        {
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry + NameOffset);
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                entries.Add([.. name, 0]);
            }
        }

        return entries;
    }

    private static int Unlink(int directory, byte[] name, int flags)
    {
        fixed (byte* pointer = name)
        {
            return Libc.UnlinkAt(directory, pointer, flags) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }
}
