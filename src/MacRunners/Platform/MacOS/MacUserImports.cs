using System.Runtime.InteropServices;

namespace MacRunners.Platform.MacOS;

/// <summary>Name look-ups of libSystem, answered by opendirectoryd and its caches.</summary>
internal static unsafe partial class MacUserImports
{
    [LibraryImport("libSystem.dylib", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int getpwnam_r(string name, out Passwd entry, byte* buffer, nuint size, out nint found);

    [LibraryImport("libSystem.dylib")]
    internal static partial int getpwuid_r(uint uid, out Passwd entry, byte* buffer, nuint size, out nint found);

    [LibraryImport("libSystem.dylib", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int getgrnam_r(string name, out Group entry, byte* buffer, nuint size, out nint found);

    [LibraryImport("libSystem.dylib")]
    internal static partial int getgrgid_r(uint gid, out Group entry, byte* buffer, nuint size, out nint found);

    /// <summary><c>struct passwd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Passwd
    {
        public byte* Name;
        public byte* Password;
        public uint Uid;
        public uint Gid;
        public long PasswordChange;
        public byte* AccessClass;
        public byte* Description;
        public byte* Home;
        public byte* Shell;
        public long Expiration;
    }

    /// <summary><c>struct group</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Group
    {
        public byte* Name;
        public byte* Password;
        public uint Gid;
        public byte** Members;
    }
}
