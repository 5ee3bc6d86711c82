using System.ComponentModel;
using System.Text;
using CliWrap;
using CliWrap.Exceptions;

namespace MacRunners.Fleet.Processes;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code; 128 + n when signal n ended it.</param>
/// <param name="Output">Standard output, up to 4 MiB.</param>
/// <param name="Error">Standard error, up to 4 MiB.</param>
internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>One line for people.</summary>
    public string Summary => $"exit code {ExitCode}: {string.Join(" / ", $"{Error}\n{Output}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))}";
}

/// <summary>A program could not be started, or did not end in time.</summary>
internal sealed class ProgramException(string message, bool isTimeout = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether it was started, but did not end in time.</summary>
    public bool IsTimeout { get; } = isTimeout;
}

/// <summary>Runs <c>orka3</c>, <c>ssh</c> and <c>git</c> with an argument vector; no shell is involved.</summary>
internal static class ProgramRunner
{
    private const int OutputCap = 4 * 1024 * 1024;

    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(5);

    /// <summary>Runs a program to its end, with the environment of this one.</summary>
    /// <param name="program">Path, or a name that is looked for on PATH.</param>
    /// <param name="arguments">Passed as they are.</param>
    /// <param name="limit">After this time it is ended.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="environment">Variables added to the environment; null adds none.</param>
    /// <param name="grace">From SIGINT to SIGKILL when it is ended: time to clean up behind itself. Null: 5 s.</param>
    /// <exception cref="ProgramException">It could not be started, or exceeded the limit.</exception>
    public static async Task<ProgramResult> RunAsync(
        string program, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellation, IReadOnlyDictionary<string, string?>? environment = null, TimeSpan? grace = null)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        using var timeout = new CancellationTokenSource(limit, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        using var kill = new CancellationTokenSource();
        await using var ending = either.Token.Register(() => kill.CancelAfter(grace ?? DefaultGrace));
        try
        {
            // Both streams go to targets of our own: CliWrap's default closes standard output early.
#pragma warning disable RS0030 // This is the wrapper the rule points to.
            var result = await CliWrap.Cli.Wrap(program)
                .WithArguments(arguments)
                .WithEnvironmentVariables(environment ?? new Dictionary<string, string?>())
                .WithValidation(CommandResultValidation.None)
                .WithStandardOutputPipe(Capped(output))
                .WithStandardErrorPipe(Capped(error))
                .ExecuteAsync(kill.Token, either.Token);
#pragma warning restore RS0030
            return new ProgramResult(result.ExitCode, Text(output), Text(error));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new ProgramException($"{program} {string.Join(' ', arguments)} did not end within {limit.TotalSeconds:0.#} s and was ended", isTimeout: true);
        }
        catch (Exception e) when (e is CliWrapException or Win32Exception or IOException or UnauthorizedAccessException)
        {
            throw new ProgramException($"{program} could not be run: {e.Message}", inner: e);
        }
    }

    /// <summary>Keeps the first bytes and drops the rest, so that a program gone mad cannot fill the memory.</summary>
    private static PipeTarget Capped(MemoryStream kept) => PipeTarget.Create(async (stream, cancellation) =>
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            kept.Write(buffer, 0, (int)Math.Min(read, OutputCap - kept.Length));
        }
    });

    private static string Text(MemoryStream stream) => Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
}
