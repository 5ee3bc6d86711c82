using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MacRunners.MacEmulator.Faults;
using MacRunners.Platform.MacOS;
using MacRunners.Tests.Packaging;

namespace MacRunners.Tests.Platform.MacOS;

/// <summary>
/// A Mac below a folder: the emulated commands, and <c>libSystem.dylib</c> for the macOS code of this process. Both are
/// published by <c>make build-tests</c>.
/// </summary>
public sealed class EmulatedMac : IDisposable
{
    private readonly string _parent = $"/var/lib/macrunners-dev/test-{Guid.NewGuid():n}";

    public EmulatedMac()
    {
        // Nothing is left behind when the emulator is missing: it is looked for first.
        var emulator = Path.Combine(Programs, "mac-emulator");
        Directory.CreateDirectory(_parent);
        Run(emulator, "install", Root);
    }

    /// <summary>Folder of the published emulator.</summary>
    /// <exception cref="FileNotFoundException">It was not published.</exception>
    internal static string Programs
    {
        get
        {
            var programs = RepositoryRoot.PathOf("artifacts", "emulator");
            return File.Exists(Path.Combine(programs, "libSystem.dylib"))
                ? programs
                : throw new FileNotFoundException($"The macOS emulator is not in {programs}: run make build-tests first");
        }
    }

    /// <summary>Stands for <c>/</c> of the Mac.</summary>
    internal string Root => _parent + "/mac";

    internal EmulatorControl Control => new(Root);

    public void Dispose()
    {
        Run(Path.Combine(Programs, "mac-emulator"), "uninstall", Root);
        Directory.Delete(_parent);
    }

#pragma warning disable CA2255 // The tests are the application: before any of them calls the macOS code, its library must be found.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void FindLibrary() => NativeLibrary.SetDllImportResolver(
        typeof(MacPlatform).Assembly,
        // A Mac has it itself.
        (name, _, _) => name == "libSystem.dylib" && !OperatingSystem.IsMacOS() ? NativeLibrary.Load(Path.Combine(Programs, name)) : 0);

    private static void Run(string emulator, string verb, string root)
    {
        using var process = Process.Start(new ProcessStartInfo(emulator, [verb, root]) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"mac-emulator {verb}: {error}");
    }
}
