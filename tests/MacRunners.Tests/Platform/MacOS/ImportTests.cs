using System.Reflection;
using System.Runtime.InteropServices;
using MacRunners.Platform.MacOS;

namespace MacRunners.Tests.Platform.MacOS;

public class ImportTests
{
    private static readonly string[] Variadic =
    [
        "fcntl", "syscall", "shm_open", "sem_open", "semctl", "msgctl", "open_dprotected_np", "execl", "execle", "execlp",
        "printf", "fprintf", "dprintf", "snprintf", "sprintf", "syslog", "err", "warn", "prctl",
    ];

    private static readonly List<(Type Type, string Library, string Name, int Parameters)> Imports =
    [
        .. typeof(MacPlatform).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(method => (Method: method, Import: method.GetCustomAttribute<DllImportAttribute>()))
            .Where(pair => pair.Import is not null)
            .Select(pair => (pair.Method.DeclaringType!, pair.Import!.Value, pair.Import.EntryPoint ?? pair.Method.Name, pair.Method.GetParameters().Length)),
    ];

    [Fact]
    public void The_macOS_code_imports_from_libSystem_alone()
    {
        var imports = Imports.Where(import => import.Type.Namespace == typeof(MacPlatform).Namespace).ToList();

        Assert.Contains(imports, import => import.Name == "__kill");
        Assert.Contains(imports, import => import.Name == "fstatat$INODE64");
        Assert.All(imports, import => Assert.Equal("libSystem.dylib", import.Library));
    }

    [Fact]
    public void No_variadic_function_of_libSystem_is_imported()
    {
        Assert.All(Imports.Where(import => import.Library == "libSystem.dylib"), import =>
        {
            Assert.DoesNotContain(import.Name, Variadic);
            Assert.True(import.Name != "open" || import.Parameters == 2, "open may only be called without a mode");
            Assert.True(import.Name != "ioctl" || import.Parameters == 2, "ioctl may only be called for requests without a third argument");
            Assert.True(import.Name != "openat" || import.Parameters == 3, "openat may only be called without a mode");
        });
    }

    [Fact]
    public void Calls_with_inode_numbers_in_their_structures_exist_under_both_names()
    {
        string[] calls = ["fstatat", "fstat", "fdopendir", "readdir", "getfsstat"];

        Assert.All(calls, call => Assert.Equal(
            [call, call + "$INODE64"],
            Imports.Where(import => import.Library == "libSystem.dylib" && import.Name.Split('$')[0] == call).Select(import => import.Name).Order(StringComparer.Ordinal)));
    }
}
