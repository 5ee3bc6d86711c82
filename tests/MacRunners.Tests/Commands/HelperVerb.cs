using System.Diagnostics;

namespace MacRunners.Tests.Commands;

/// <summary>Runs the built executable with a hidden verb, the way the daemon does.</summary>
internal static class HelperVerb
{
    internal static string Program => Path.Combine(AppContext.BaseDirectory, "macrunners");

    internal static Process Start(string verb, params string[] arguments) => Process.Start(
        new ProcessStartInfo(Program, [verb, .. arguments]) { RedirectStandardError = true })!;

    internal static async Task<(int ExitCode, string Error)> RunAsync(string verb, params string[] arguments)
    {
        using var process = Start(verb, arguments);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }
}
