using System.Diagnostics;
using MacRunners.MacEmulator.Faults;
using MacRunners.Platform;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Platform.MacOS;

namespace MacRunners.Tests.MacEmulator;

/// <summary>The commands of a fresh emulated Mac, called the way the daemon calls them.</summary>
public sealed class EmulatedCommands : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly EmulatedMac _mac = new();
    private readonly Tool _tool = new(TimeProvider.System);

    internal string Root => _mac.Root;

    internal EmulatorControl Control => _mac.Control;

    public void Dispose() => _mac.Dispose();

    /// <summary>A name as the daemon gives them.</summary>
    internal static string NewName() => $"bk-{Guid.NewGuid()}";

    internal Task<ToolResult> DsclAsync(params IReadOnlyList<string> arguments) => RunAsync("/usr/bin/dscl", [".", .. arguments]);

    internal Task<ToolResult> RunAsync(string tool, params IReadOnlyList<string> arguments) =>
        _tool.RunAsync(Root + tool, arguments, Limit, TestContext.Current.CancellationToken);

    internal Task<ToolResult> RunAsUserAsync(uint uid, string tool, params IReadOnlyList<string> arguments) =>
        _tool.RunAsync("/usr/bin/setpriv", [$"--reuid={uid}", $"--regid={uid}", "--clear-groups", Root + tool, .. arguments], Limit, TestContext.Current.CancellationToken);

    /// <summary>The emulator itself: <c>install</c>, <c>uninstall</c>.</summary>
    internal Task<ToolResult> EmulatorAsync(params IReadOnlyList<string> arguments) =>
        _tool.RunAsync(Path.Combine(EmulatedMac.Programs, "mac-emulator"), arguments, Limit, TestContext.Current.CancellationToken);

    /// <summary>Runs a command with something on standard input.</summary>
    internal async Task<ToolResult> RunWithInputAsync(string input, string tool, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Root + tool, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ToolResult(process.ExitCode, await output, error);
    }

    /// <summary>Creates a user with a number, and returns both.</summary>
    internal async Task<(string Name, uint Uid)> CreateUserAsync()
    {
        var (name, uid) = (NewName(), TestNumbers.Next());
        Assert.Equal(0, (await DsclAsync("-create", $"/Users/{name}", "UniqueID", $"{uid}")).ExitCode);
        return (name, uid);
    }

    /// <summary>Line of <c>/etc/passwd</c> or null.</summary>
    internal static string? HostUser(string name) => HostLine("/etc/passwd", name);

    /// <summary>Line of <c>/etc/group</c> or null.</summary>
    internal static string? HostGroup(string name) => HostLine("/etc/group", name);

    private static string? HostLine(string file, string name) =>
        File.ReadLines(file).SingleOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
}
