using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.Platform.MacOS;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Platform.MacOS;

namespace MacRunners.Tests.MacEmulator;

/// <summary>The published library answers as Darwin does where Linux does not.</summary>
public sealed unsafe class LibSystemCallTests : IDisposable
{
    private const int CurrentDirectory = -2;
    private const int NoFollow = 0x100;
    private const int DirectoryOnly = 0x100000;
    private const int NoFollowAny = 0x20000000;

    private static readonly nint Library = NativeLibrary.Load(Path.Combine(EmulatedMac.Programs, "libSystem.dylib"));
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Every_call_the_macOS_code_imports_is_exported()
    {
        var imports = typeof(MacPlatform).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
            .Select(method => (method.Name, Import: method.GetCustomAttribute<DllImportAttribute>()))
            .Where(method => method.Import?.Value == "libSystem.dylib")
            .Select(method => method.Import!.EntryPoint ?? method.Name)
            .ToList();

        Assert.NotEmpty(imports);
        Assert.DoesNotContain(imports, name => !NativeLibrary.TryGetExport(Library, name, out _));
    }

    [Fact]
    public void A_missing_file_and_a_link_have_the_numbers_of_Darwin()
    {
        _ = File.CreateSymbolicLink(_scratch["link"], "/etc");

        Assert.Equal((-1, 2), Open(_scratch["missing"], 0));
        Assert.Equal((-1, 62), Open(_scratch["link"], NoFollow));
        Assert.Equal((-1, 62), Open(_scratch["link/passwd"], NoFollowAny));
        Assert.Equal((-1, 20), Open(_scratch["link"], NoFollow | DirectoryOnly));
    }

    [Theory]
    [InlineData(NoFollow | NoFollowAny)]
    [InlineData(0x10000)]
    [InlineData(0x80000)]
    [InlineData(0x200)]
    public void Contradictory_flags_Linux_numbers_and_a_variadic_mode_are_refused(int flags) => Assert.Equal((-1, 22), Open(_scratch.Folder, flags));

    [Fact]
    public void Linuxs_number_for_the_current_directory_is_a_bad_descriptor()
    {
        Assert.Equal(0, Stat(CurrentDirectory, "/etc/passwd", 0x20).Result);
        Assert.Equal((-1, 9), Stat(-100, "etc", 0x20) is var (result, error, _) ? (result, error) : default);
        Assert.Equal((-1, 22), Stat(CurrentDirectory, "/etc", 0x100) is var (second, secondError, _) ? (second, secondError) : default);
    }

    [Fact]
    public void A_status_tells_what_chattr_set_and_clearing_the_flags_makes_the_file_removable()
    {
        File.WriteAllText(_scratch["kept"], "12345");
        Scratch.Shell("chattr +i \"$1\"", _scratch["kept"]);

        var status = Stat(CurrentDirectory, _scratch["kept"], 0x20).Status;
        Assert.Equal((5L, 0x2u), (status.Size, status.Flags));
        Assert.Equal((-1, 1), Unlink(_scratch["kept"], 0));

        ReadOnlySpan<uint> list = [5, 0x40000, 0, 0, 0, 0];
        uint none = 0;
        fixed (byte* path = Text(_scratch["kept"]))
        fixed (uint* attributes = list)
        {
            Assert.Equal(0, ((delegate* unmanaged<int, byte*, void*, void*, nuint, uint, int>)Export("setattrlistat"))(CurrentDirectory, path, attributes, &none, 4, 1));
        }

        Assert.Equal((0, 0), Unlink(_scratch["kept"], 0));
    }

    [Fact]
    public void Flags_are_cleared_through_a_file_that_was_opened_as_itself_and_a_socket_is_not_opened()
    {
        const int asItself = 0x8000 | 0x200000 | 0x4;
        File.WriteAllText(_scratch["kept"], "");
        Scratch.Shell("chattr +a \"$1\"", _scratch["kept"]);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_scratch["socket"]));

        var file = Open(_scratch["kept"], asItself).Result;
        Assert.Equal((0, 0), Last(((delegate* unmanaged<int, uint, int>)Export("fchflags"))(file, 0)));
        _ = Close(file);

        Assert.Equal(0u, Stat(CurrentDirectory, _scratch["kept"], 0x20).Status.Flags);
        Assert.Equal((-1, 102), Open(_scratch["socket"], asItself));
        Assert.Equal((-1, 9), Last(((delegate* unmanaged<int, uint, int>)Export("fchflags"))(-1, 0)));
    }

    [Fact]
    public void A_directory_is_not_unlinked_and_a_full_one_not_removed()
    {
        _ = Directory.CreateDirectory(_scratch["folder/inside"]);

        Assert.Equal((-1, 1), Unlink(_scratch["folder"], 0));
        Assert.Equal((-1, 66), Unlink(_scratch["folder"], 0x80));
        Assert.Equal((-1, 22), Unlink(_scratch["folder"], 0x200));
        Assert.Equal((0, 0), Unlink(_scratch["folder/inside"], 0x80));
    }

    [Fact]
    public void Renaming_crosses_a_bind_mount_of_the_same_file_system_and_replaces_nothing_when_told_so()
    {
        var (source, seen, target) = (_scratch["source"], _scratch["seen"], _scratch["target"]);
        foreach (var folder in new[] { source, seen, target })
        {
            _ = Directory.CreateDirectory(folder);
        }

        File.WriteAllText($"{source}/a", "");
        File.WriteAllText($"{source}/b", "");
        Scratch.Shell("mount --bind \"$1\" \"$2\"", source, seen);
        try
        {
            var from = Open(seen, DirectoryOnly).Result;
            var to = Open(target, DirectoryOnly).Result;
            Assert.Equal((0, 0), Rename(from, "a", to, "moved"));
            Assert.Equal((-1, 17), Rename(from, "b", to, "moved"));
            _ = Close(from);
            _ = Close(to);
        }
        finally
        {
            Scratch.Shell("umount \"$1\"", seen);
        }

        Assert.True(File.Exists($"{target}/moved"));
        Assert.True(File.Exists($"{source}/b"));
    }

    [Fact]
    public void Nobody_below_the_range_kills_everything() =>
        Assert.Equal((-1, 1), Last(((delegate* unmanaged<int, int, int, int>)Export("__kill"))(-1, 9, 0)));

    [Fact]
    public void Mount_points_are_listed_in_the_layout_of_Darwin()
    {
        var list = (delegate* unmanaged<DarwinFileSystem*, int, int, int>)Export("getfsstat$INODE64");
        var room = list(null, 0, 2) + 16;
        var mounts = new DarwinFileSystem[room];
        var paths = new List<string?>();
        fixed (DarwinFileSystem* first = mounts)
        {
            var count = list(first, room * sizeof(DarwinFileSystem), 2);
            for (var i = 0; i < count; i++)
            {
                paths.Add(Marshal.PtrToStringUTF8((nint)first[i].MountedOn));
            }
        }

        Assert.Contains("/", paths);
        Assert.Contains("/proc", paths);
    }

    [Fact]
    public void A_user_has_the_fields_that_Linux_lacks()
    {
        const int size = 4096;
        var buffer = stackalloc byte[size];
        DarwinUser user;
        DarwinUser* found;
        fixed (byte* name = Text("root"))
        {
            Assert.Equal(0, ((delegate* unmanaged<byte*, DarwinUser*, byte*, nuint, DarwinUser**, int>)Export("getpwnam_r"))(name, &user, buffer, size, &found));
        }

        Assert.Equal(("root", "/root", ""), (Marshal.PtrToStringUTF8((nint)user.Name), Marshal.PtrToStringUTF8((nint)user.Home), Marshal.PtrToStringUTF8((nint)user.Class)));
        Assert.True(found == &user);
    }

    [Fact]
    public void The_boot_has_an_upper_case_uuid_and_unknown_facts_are_not_found()
    {
        var buffer = stackalloc byte[64];
        var sysctl = (delegate* unmanaged<byte*, void*, nuint*, void*, nuint, int>)Export("sysctlbyname");
        nuint length = 64;
        fixed (byte* known = Text("kern.bootsessionuuid"), unknown = Text("kern.nothing"))
        {
            Assert.Equal(0, sysctl(known, buffer, &length, null, 0));
            Assert.Matches("^[0-9A-F-]{36}$", Marshal.PtrToStringUTF8((nint)buffer));
            Assert.Equal((-1, 2), Last(sysctl(unknown, buffer, &length, null, 0)));
        }
    }

    private static nint Export(string name) => NativeLibrary.GetExport(Library, name);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static (int Result, int Error) Last(int result) => (result, result == 0 ? 0 : Marshal.GetLastSystemError());

    private static (int Result, int Error) Open(string path, int flags)
    {
        fixed (byte* text = Text(path))
        {
            return Last(((delegate* unmanaged<byte*, int, int>)Export("open"))(text, flags));
        }
    }

    private static int Close(int descriptor) => ((delegate* unmanaged<int, int>)Export("close"))(descriptor);

    private static (int Result, int Error) Unlink(string path, int flags)
    {
        fixed (byte* text = Text(path))
        {
            return Last(((delegate* unmanaged<int, byte*, int, int>)Export("unlinkat"))(CurrentDirectory, text, flags));
        }
    }

    private static (int Result, int Error) Rename(int from, string name, int to, string newName)
    {
        const uint exclusive = 4;
        fixed (byte* first = Text(name), second = Text(newName))
        {
            return Last(((delegate* unmanaged<int, byte*, int, byte*, uint, int>)Export("renameatx_np"))(from, first, to, second, exclusive));
        }
    }

    private static (int Result, int Error, DarwinStatus Status) Stat(int directory, string path, int flags)
    {
        DarwinStatus status = default;
        fixed (byte* text = Text(path))
        {
            var (result, error) = Last(((delegate* unmanaged<int, byte*, DarwinStatus*, int, int>)Export("fstatat$INODE64"))(directory, text, &status, flags));
            return (result, error, status);
        }
    }
}
