using System.Runtime.InteropServices;
using static MacRunners.Platform.MacOS.MacUserImports;

namespace MacRunners.Platform.MacOS;

/// <summary>Looks users and groups up the way every other program does.</summary>
internal static unsafe class MacNames
{
    private const int FirstBuffer = 4096;

    private delegate int Call(byte* buffer, nuint size, out nint found);

    internal static uint? UserByName(string name)
    {
        Passwd entry = default;
        return LookUp("getpwnam_r", name, (buffer, size, out found) => getpwnam_r(name, out entry, buffer, size, out found), () => (uint?)entry.Uid);
    }

    internal static string? UserById(uint uid)
    {
        Passwd entry = default;
        return LookUp("getpwuid_r", uid, (buffer, size, out found) => getpwuid_r(uid, out entry, buffer, size, out found), () => Text(entry.Name));
    }

    internal static uint? GroupByName(string name)
    {
        Group entry = default;
        return LookUp("getgrnam_r", name, (buffer, size, out found) => getgrnam_r(name, out entry, buffer, size, out found), () => (uint?)entry.Gid);
    }

    internal static string? GroupById(uint gid)
    {
        Group entry = default;
        return LookUp("getgrgid_r", gid, (buffer, size, out found) => getgrgid_r(gid, out entry, buffer, size, out found), () => Text(entry.Name));
    }

    private static T? LookUp<T>(string call, object key, Call lookUp, Func<T> describe)
    {
        for (nuint size = FirstBuffer; ; size *= 2)
        {
            var buffer = (byte*)NativeMemory.Alloc(size);
            try
            {
                var error = lookUp(buffer, size, out var found);
                switch (error)
                {
                    // The buffer was too small; groups may have many members.
                    case MacErrors.Range:
                    case MacErrors.Interrupted:
                        continue;

                    // Some sources answer "no such entry" by an error.
                    case 0 or MacErrors.NotFound or MacErrors.NoSuchProcess:
                        return found == 0 ? default : describe();
                    default:
                        throw MacErrors.From(call, key, error);
                }
            }
            finally
            {
                NativeMemory.Free(buffer);
            }
        }
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
