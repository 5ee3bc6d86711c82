using System.Text;
using MacRunners.MacEmulator.LibSystem.Native;
using MacRunners.MacEmulator.LibSystem.Translation;

namespace MacRunners.MacEmulator.LibSystem.Proc;

/// <summary>Reads files of <c>/proc</c>; a process that is gone is no exception but an empty answer.</summary>
internal static unsafe class ProcFile
{
    private const int FirstSize = 4 * 1024;

    /// <summary>The whole file, or null when it cannot be opened or read.</summary>
    internal static string? Read(string path)
    {
        int descriptor;
        fixed (byte* terminated = Encoding.UTF8.GetBytes(path + '\0'))
        {
            descriptor = Glibc.OpenAt(AtFlags.LinuxCurrentDirectory, terminated, OpenFlags.LinuxCloseOnExec);
        }

        if (descriptor < 0)
        {
            return null;
        }

        var buffer = new byte[FirstSize];
        var length = 0;
        nint read;
        do
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * buffer.Length);
            }

            fixed (byte* free = &buffer[length])
            {
                read = Glibc.Read(descriptor, free, (nuint)(buffer.Length - length));
            }

            length += (int)Math.Max(read, 0);
        }
        while (read > 0);

        _ = Glibc.Close(descriptor);
        return read < 0 ? null : Encoding.Latin1.GetString(buffer, 0, length);
    }

    /// <summary>Numbers that name entries of a folder of <c>/proc</c>: processes, or descriptors.</summary>
    internal static List<int> Numbers(string path)
    {
        var numbers = new List<int>();
        nint stream;
        fixed (byte* terminated = Encoding.UTF8.GetBytes(path + '\0'))
        {
            stream = Glibc.OpenStream(terminated);
        }

        if (stream == 0)
        {
            return numbers;
        }

        for (var entry = Glibc.ReadStream(stream); entry != null; entry = Glibc.ReadStream(stream))
        {
            if (TryParse(entry->Name, out var number))
            {
                numbers.Add(number);
            }
        }

        _ = Glibc.CloseStream(stream);
        return numbers;
    }

    private static bool TryParse(byte* name, out int number)
    {
        number = 0;
        for (; *name != 0; name++)
        {
            if (*name is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = (number * 10) + (*name - '0');
        }

        return true;
    }
}
