using System.Diagnostics;

namespace MacRunners.Simulator.Git;

/// <summary>Starts git with an argument list, without a shell and without the configuration of the user.</summary>
internal static class GitProcess
{
    public static Process Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("git could not be started: is it installed?");
    }

    /// <summary>Runs git to its end and returns its output without the final line break; an error of git's becomes an exception.</summary>
    public static async Task<string> RunAsync(
        IReadOnlyList<string> arguments,
        string? input,
        IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellation)
    {
        using var process = Start(arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == 0
            ? (await output).TrimEnd('\n')
            : throw new InvalidOperationException($"git {arguments[0]} failed with {process.ExitCode}: {(await error).Trim()}");
    }
}
