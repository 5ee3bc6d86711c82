using System.Runtime.InteropServices;
using MacRunners.MacEmulator.LibSystem.Darwin;
using MacRunners.Platform.MacOS;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Tests.Platform.MacOS;

/// <summary>
/// Mistakes in a binding that show on no Linux machine: on Apple silicon variadic arguments travel on the stack, where no P/Invoke puts them;
/// on Intel Macs the plain names of some calls still mean structures with 32-bit inode numbers.
/// </summary>
public class ImportTests
{
    /// <summary>Every variadic function of libSystem that a program like this could want, with the number of its fixed parameters.</summary>
    private static readonly Dictionary<string, int> Variadic = new()
    {
        ["open"] = 2,
        ["openat"] = 3,
        ["open_dprotected_np"] = 4,
        ["openat_dprotected_np"] = 5,
        ["fcntl"] = 2,
        ["ioctl"] = 2,
        ["syscall"] = 1,
        ["__syscall"] = 1,
        ["shm_open"] = 2,
        ["sem_open"] = 2,
        ["semctl"] = 3,
        ["mkextattr"] = 0,
        ["execl"] = 2,
        ["execle"] = 2,
        ["execlp"] = 2,
        ["ulimit"] = 1,
        ["makecontext"] = 3,
        ["printf"] = 1,
        ["fprintf"] = 2,
        ["dprintf"] = 2,
        ["sprintf"] = 2,
        ["snprintf"] = 3,
        ["asprintf"] = 2,
        ["scanf"] = 1,
        ["fscanf"] = 2,
        ["sscanf"] = 2,
        ["syslog"] = 2,
        ["err"] = 2,
        ["errx"] = 2,
        ["warn"] = 1,
        ["warnx"] = 1,
        ["setproctitle"] = 1,
        ["strfmon"] = 3,
        ["fdevname_r"] = 3,
        ["prctl"] = 1,
    };

    /// <summary>
    /// Harmless although variadic, as long as nothing is passed behind the fixed parameters: no file is created by them, and the request of
    /// <c>ioctl</c> takes no argument.
    /// </summary>
    private static readonly string[] CallableWithFixedParameters = ["open", "openat", "ioctl"];

    /// <summary>Calls whose structures hold inode numbers.</summary>
    private static readonly string[] WithInodeNumbers =
    [
        "stat", "lstat", "fstat", "fstatat", "statx_np", "lstatx_np", "fstatx_np", "statfs", "fstatfs", "getfsstat", "getmntinfo", "getmntinfo_r_np",
        "opendir", "__opendir2", "fdopendir", "readdir", "readdir_r", "rewinddir", "seekdir", "telldir", "scandir", "scandir_b", "alphasort",
        "glob", "glob_b", "ftw", "nftw", "fts_open", "fts_open_b", "fts_read", "fts_children", "fts_set", "fts_close",
    ];

    private static readonly IReadOnlyList<NativeFunction> Daemon = NativeFunction.ImportsOf(typeof(MacPlatform).Assembly);
    private static readonly IReadOnlyList<NativeFunction> OnMacs =
        [.. Daemon.Where(import => !import.IsLinuxOnly), .. NativeFunction.ImportsOf(typeof(NativeCalls).Assembly)];

    private static readonly IReadOnlyList<NativeFunction> Exports = NativeFunction.ExportsOf(typeof(DarwinStatus).Assembly);

    [Fact]
    public void The_macOS_code_imports_from_libSystem_alone()
    {
        var imports = Daemon.Where(import => import.Method.DeclaringType!.Namespace == typeof(MacPlatform).Namespace).ToList();

        Assert.Contains(imports, import => import.Name == "__kill");
        Assert.Contains(imports, import => import.Name == "fstatat$INODE64");
        Assert.All(imports, import => Assert.Equal("libSystem.dylib", import.Library));
        Assert.DoesNotContain(Daemon.Except(imports), import => import.Library == "libSystem.dylib");
    }

    [Fact]
    public void No_variadic_function_is_called_on_macOS()
    {
        Assert.NotEmpty(OnMacs);
        // The stub agent's fcntl is called on Linux alone: Descriptor says why.
        Assert.All(OnMacs.Where(import => import is not { Name: "fcntl" } || import.Method.DeclaringType != typeof(NativeCalls)), RequireNothingVariadic);
    }

    [Fact]
    public void The_emulated_library_offers_no_way_to_pass_a_variadic_argument()
    {
        Assert.NotEmpty(Exports);
        Assert.All(Exports, RequireNothingVariadic);
    }

    [Fact]
    public void Calls_with_inode_numbers_in_their_structures_are_bound_under_both_names_and_no_other_call_is()
    {
        Assert.All(OnMacs.Concat(Exports), function => Assert.True(!function.HasSuffix || WithInodeNumbers.Contains(function.PlainName), $"{function} has no such name on Intel Macs"));
        foreach (var functions in new[] { OnMacs, Exports })
        {
            var affected = functions.Where(function => WithInodeNumbers.Contains(function.PlainName)).ToList();
            Assert.NotEmpty(affected);
            Assert.All(affected.GroupBy(function => function.PlainName), names => Assert.Equal(
                [names.Key, names.Key + "$INODE64"], names.Select(function => function.Name).Order(StringComparer.Ordinal)));
        }
    }

    [Fact]
    public void Only_Intel_has_the_suffix() => Assert.Equal(RuntimeInformation.ProcessArchitecture == Architecture.X64, MacInodeImports.HasSuffix);

    [Fact]
    public void Imports_and_the_emulated_library_agree_on_the_number_of_parameters_and_the_size_of_the_result() =>
        Assert.All(OnMacs.Where(import => import.Library == "libSystem.dylib"), import =>
        {
            var export = Assert.Single(Exports, export => export.Name == import.Name);
            Assert.True((import.Parameters, SizeOfResult(import)) == (export.Parameters, SizeOfResult(export)), $"{import} is not {export}");
        });

    private static void RequireNothingVariadic(NativeFunction function) => Assert.True(
        !Variadic.TryGetValue(function.PlainName, out var parameters) || (CallableWithFixedParameters.Contains(function.PlainName) && function.Parameters == parameters),
        $"{function} is variadic: on Apple silicon its further arguments would be read from elsewhere");

    private static int SizeOfResult(NativeFunction function)
    {
        var type = function.Method.ReturnType;
        return type == typeof(void) ? 0 : type.IsPointer ? nint.Size : Marshal.SizeOf(type);
    }
}
