using System.Diagnostics;
using System.Text.Json.Nodes;
using MacRunners.MacEmulator.Faults;
using MacRunners.MacEmulator.Launchd;

namespace MacRunners.EndToEnd.Packaging;

/// <summary>A Mac: the emulator with its launchd.</summary>
internal sealed class LaunchdMachine : ServicedMachine
{
    public override string System => "macos";

    public override string Files => Path.Combine(Folder, "mac");

    public override string Own(string path) => Files + path;

    public override IReadOnlyList<string> Snapshot() =>
        // The temporary folders are the host's. What launchd remembers of a label outlives everything.
        [.. Describe(Files, ".emulator", "private/tmp", "private/var/tmp", "private/var/db/com.apple.xpc.launchd")];

    public override async Task<bool> IsFencedAsync() =>
        (await RunAsync(PathOf("/sbin/pfctl"), "-a", $"com.apple/{FenceTable}", "-s", "rules")).Text.Contains("block return", StringComparison.Ordinal);

    protected override async Task BootAsync()
    {
        using (var install = Process.Start(Path.Combine(Published.Emulator, "mac-emulator"), ["install", Files]))
        {
            await install.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, install.ExitCode);
        }

        // No daemon was ever on this Mac.
        Directory.Delete(PathOf("/private/var/macrunners"));
        InstallProgram(Path.Combine(Published.Programs, "macrunners-sim"), "/usr/local/bin/buildkite-agent");

        // Libraries are looked for beside the program. To the package this is somebody else's file.
        InstallProgram(Path.Combine(Published.Emulator, "libSystem.dylib"), "/opt/macrunners/bin/libSystem.dylib");
        new EmulatorControl(Files).Bend(new LaunchdSettings
        {
            ThrottleScale = 0.02,
            Arguments = ["--config", Own("/opt/macrunners/etc/macrunners.json")],
            Ports = new Dictionary<string, int> { ["8080"] = Port },
        });
    }

    protected override async Task HaltAsync()
    {
        using var uninstall = Process.Start(Path.Combine(Published.Emulator, "mac-emulator"), ["uninstall", Files]);
        await uninstall.WaitForExitAsync(CancellationToken.None);
    }

    protected override ProcessStartInfo Command(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";

        // The scripts take everything of the Mac from below this folder; kept copies of the program find the library by the other.
        start.Environment["INSTALL_ROOT"] = Files;
        start.Environment["LD_LIBRARY_PATH"] = PathOf("/opt/macrunners/bin");
        return start;
    }

    protected override void AddTo(JsonObject settings)
    {
        settings["Platform"] = new JsonObject { ["Kind"] = "macos", ["Root"] = Files };

        // Below the root the path would be too long for sockets in the homes.
        settings["Paths"] = new JsonObject { ["Homes"] = Path.Combine(Folder, "u") };
        settings["Teardown"] = new JsonObject { ["SharedPlaces"] = new JsonArray("/dev/shm") };
    }

    public override async Task<string> DiagnoseAsync() =>
        (await RunAsync(PathOf("/bin/launchctl"), "print", "system/com.macrunners.daemon")).Text
            + Tail("/private/var/log/macrunners/launchd.out.log")
            + Tail("/private/var/log/macrunners/launchd.err.log")
            + Tail("/.emulator/launchd.log");

    private string Tail(string path) => File.Exists(PathOf(path)) ? string.Join('\n', File.ReadLines(PathOf(path)).TakeLast(100)) : "";
}
