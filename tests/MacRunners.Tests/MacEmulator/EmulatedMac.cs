using System.Diagnostics;
using MacRunners.MacEmulator.Faults;
using MacRunners.Platform;

namespace MacRunners.Tests.MacEmulator;

/// <summary>A root of the emulator, fresh for the tests of a class and removed with its accounts afterwards.</summary>
public sealed class EmulatedMac : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "mac-emulator");
    private readonly string _folder = $"/var/lib/macrunners-dev/emulator-{Guid.NewGuid():N}";
    private readonly Tool _tool = new(TimeProvider.System);

    // Far from the numbers of the daemon's own tests; different for runs at the same time.
    private uint _nextId = 1_000_000 + ((uint)Environment.ProcessId % 100_000 * 100);

    internal string Root => $"{_folder}/mac";

    internal EmulatorControl Control => new(Root);

    public async ValueTask InitializeAsync()
    {
        _ = Directory.CreateDirectory(_folder);
        await EmulatorAsync("install", Root);
    }

    public async ValueTask DisposeAsync()
    {
        await EmulatorAsync("uninstall", Root);
        Directory.Delete(_folder);
    }

    /// <summary>A number no other test has had.</summary>
    internal uint NewId() => _nextId++;

    /// <summary>A name as the daemon gives them.</summary>
    internal static string NewName() => $"bk-{Guid.NewGuid()}";

    internal Task<ToolResult> DsclAsync(params IReadOnlyList<string> arguments) => RunAsync("/usr/bin/dscl", [".", .. arguments]);

    /// <summary>Runs a command the way the daemon does.</summary>
    internal Task<ToolResult> RunAsync(string tool, params IReadOnlyList<string> arguments) =>
        _tool.RunAsync(Root + tool, arguments, Limit, TestContext.Current.CancellationToken);

    internal Task<ToolResult> RunAsUserAsync(uint uid, string tool, params IReadOnlyList<string> arguments) =>
        _tool.RunAsync("/usr/bin/setpriv", [$"--reuid={uid}", $"--regid={uid}", "--clear-groups", Root + tool, .. arguments], Limit, TestContext.Current.CancellationToken);

    /// <summary>Runs a command with something on standard input.</summary>
    internal async Task<ToolResult> RunWithInputAsync(string input, string tool, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Root + tool) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

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
        var (name, uid) = (NewName(), NewId());
        Assert.Equal(0, (await DsclAsync("-create", $"/Users/{name}", "UniqueID", $"{uid}")).ExitCode);
        return (name, uid);
    }

    /// <summary>Line of <c>/etc/passwd</c> or null.</summary>
    internal static string? HostUser(string name) => HostLine("/etc/passwd", name);

    /// <summary>Line of <c>/etc/group</c> or null.</summary>
    internal static string? HostGroup(string name) => HostLine("/etc/group", name);

    // Not under the test's own cancellation: cleaning up has to happen anyhow.
    internal async Task<ToolResult> TryEmulatorAsync(params IReadOnlyList<string> arguments) =>
        await _tool.RunAsync(Executable, arguments, Limit, CancellationToken.None);

    private static string? HostLine(string file, string name) =>
        File.ReadLines(file).SingleOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));

    private async Task EmulatorAsync(params IReadOnlyList<string> arguments)
    {
        var result = await TryEmulatorAsync(arguments);
        Assert.True(result.ExitCode == 0, result.Summary);
    }
}
