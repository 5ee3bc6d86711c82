using System.Diagnostics;

namespace MacRunners.Tests.Commands;

/// <summary>Runs the built executable with a hidden verb, the way the daemon does.</summary>
internal static class HelperVerb
{
    internal static string Program => Path.Combine(AppContext.BaseDirectory, "macrunners");

    internal static async Task<(int ExitCode, string Error)> RunAsync(IReadOnlyDictionary<string, string> environment, string verb, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, [verb, .. arguments]) { RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }
}
