using System.Diagnostics;

namespace MacRunners.Simulator.Bench.Work;

/// <summary>A script of the bench's own; whatever varies is a positional parameter.</summary>
internal static class BashScript
{
    private const int ShownOutput = 2000;

    /// <summary>Runs it to its end.</summary>
    /// <param name="script">Text.</param>
    /// <param name="arguments">Positional parameters from <c>$1</c> on.</param>
    /// <param name="environment">All of its environment.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <returns>What it and its programs printed.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task<string> RunAsync(
        string script, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-c", script, "bench", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                var said = $"{output}{await error}";
                throw new InvalidOperationException($"A script of the bench ended with {process.ExitCode}: {said[Math.Max(0, said.Length - ShownOutput)..]}\n{script}");
            }

            return output;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
