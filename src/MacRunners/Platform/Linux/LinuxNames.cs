using System.Runtime.InteropServices;
using static MacRunners.Platform.Linux.LinuxUserImports;

namespace MacRunners.Platform.Linux;

/// <summary>Looks users and groups up the way every other program does.</summary>
internal static unsafe class LinuxNames
{
    private const int FirstBuffer = 1024;

    private delegate int Call(byte* buffer, nuint size, out nint found);

    /// <summary>A user as the look-up shows it.</summary>
    internal sealed record User(string Name, uint Uid, uint Gid, string Home, string Shell);

    /// <summary>A group as the look-up shows it.</summary>
    internal sealed record Group(string Name, uint Gid);

    internal static User? UserByName(string name)
    {
        Passwd entry = default;
        return LookUp("getpwnam_r", name, (buffer, size, out found) => getpwnam_r(name, out entry, buffer, size, out found), () => Describe(entry));
    }

    internal static User? UserById(uint uid)
    {
        Passwd entry = default;
        return LookUp("getpwuid_r", uid, (buffer, size, out found) => getpwuid_r(uid, out entry, buffer, size, out found), () => Describe(entry));
    }

    internal static Group? GroupByName(string name)
    {
        LinuxUserImports.Group entry = default;
        return LookUp("getgrnam_r", name, (buffer, size, out found) => getgrnam_r(name, out entry, buffer, size, out found), () => Describe(entry));
    }

    internal static Group? GroupById(uint gid)
    {
        LinuxUserImports.Group entry = default;
        return LookUp("getgrgid_r", gid, (buffer, size, out found) => getgrgid_r(gid, out entry, buffer, size, out found), () => Describe(entry));
    }

    private static T? LookUp<T>(string call, object key, Call lookUp, Func<T> describe)
        where T : class
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
                    case LinuxErrors.Range:
                    case LinuxErrors.Interrupted:
                        continue;

                    // Some sources answer "no such entry" by an error.
                    case 0 or LinuxErrors.NotFound or LinuxErrors.NoSuchProcess:
                        return found == 0 ? null : describe();
                    default:
                        throw LinuxErrors.From(call, key, error);
                }
            }
            finally
            {
                NativeMemory.Free(buffer);
            }
        }
    }

    private static User Describe(Passwd entry) => new(Text(entry.Name), entry.Uid, entry.Gid, Text(entry.Home), Text(entry.Shell));

    private static Group Describe(LinuxUserImports.Group entry) => new(Text(entry.Name), entry.Gid);

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
