using System.Text;
using CliWrap;
using CliWrap.Exceptions;

namespace MacRunners.Platform;

/// <summary>Runs the system's own small tools.</summary>
internal interface ITool
{
    /// <summary>
    /// Runs a program by absolute path with an argument vector, an environment of <c>PATH</c> and <c>LC_ALL=C</c> only,
    /// no input, in <c>/</c>, and with both outputs kept up to 20 MiB each.
    /// </summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">Passed as they are; no shell is involved.</param>
    /// <param name="limit">After this time the program is killed.</param>
    /// <param name="cancellationToken">Kills the program.</param>
    /// <exception cref="ToolException">It could not be started, or exceeded the limit.</exception>
    Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>The same with a text as standard input.</summary>
    /// <inheritdoc cref="RunAsync(string, IReadOnlyList{string}, TimeSpan, CancellationToken)"/>
    Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, string input, TimeSpan limit, CancellationToken cancellationToken);
}

/// <summary>How a tool ended.</summary>
/// <param name="ExitCode">Exit code; 128 + n when signal n ended it.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsCut">Whether there was more output than is kept.</param>
internal sealed record ToolResult(int ExitCode, string Output, string Error, bool IsCut = false)
{
    /// <summary>One line for logs and exceptions: the exit code and what the tool said.</summary>
    public string Summary => $"exit code {ExitCode}: {string.Join(" / ", $"{Error}\n{Output}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))}";
}

/// <summary>A tool could not be started or did not end in time.</summary>
internal sealed class ToolException(string message, Exception? inner = null, bool isTimeout = false) : Exception(message, inner)
{
    /// <summary>Whether it was started, but did not end in time.</summary>
    public bool IsTimeout { get; } = isTimeout;
}

/// <inheritdoc/>
internal sealed class Tool(TimeProvider time) : ITool
{
    private const int OutputCap = 20 * 1024 * 1024;

    // Everything the daemon has in its environment stays there; null removes a variable.
    private static readonly Dictionary<string, string?> Environment = MinimalEnvironment();

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellationToken) =>
        RunAsync(program, arguments, "", limit, cancellationToken);

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(string program, IReadOnlyList<string> arguments, string input, TimeSpan limit, CancellationToken cancellationToken)
    {
        var output = new CappedText(OutputCap);
        var error = new CappedText(OutputCap);
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            // Both streams go to targets of our own: CliWrap's default closes standard output early.
#pragma warning disable RS0030 // This is the wrapper the rule points to.
            var result = await Cli.Wrap(program)
                .WithArguments(arguments)
                .WithWorkingDirectory("/")
                .WithEnvironmentVariables(Environment)
                .WithValidation(CommandResultValidation.None)
                .WithStandardInputPipe(PipeSource.FromString(input))
                .WithStandardOutputPipe(PipeTarget.ToStream(output))
                .WithStandardErrorPipe(PipeTarget.ToStream(error))
                .ExecuteAsync(either.Token);
#pragma warning restore RS0030
            return new ToolResult(result.ExitCode, output.ToString(), error.ToString(), output.IsCut);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ToolException($"{program} {string.Join(' ', arguments)} did not end within {limit.TotalSeconds:0.#} s and was killed", isTimeout: true);
        }
        catch (Exception e) when (e is CliWrapException or System.ComponentModel.Win32Exception or IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"{program} could not be run: {e.Message}", e);
        }
    }

    private static Dictionary<string, string?> MinimalEnvironment()
    {
        var environment = System.Environment.GetEnvironmentVariables().Keys.Cast<string>().ToDictionary(name => name, _ => (string?)null);
        environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        environment["LC_ALL"] = "C";
        return environment;
    }

    /// <summary>Keeps the first bytes and drops the rest, so that a tool gone mad cannot fill the memory.</summary>
    private sealed class CappedText(int cap) : MemoryStream
    {
        public bool IsCut { get; private set; }

        // All other ways to write lead here.
        public override void Write(byte[] buffer, int offset, int count)
        {
            var kept = (int)Math.Min(count, cap - Length);
            IsCut |= kept < count;
            base.Write(buffer, offset, kept);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Write(buffer, offset, count);
            return Task.CompletedTask;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override string ToString() => Encoding.UTF8.GetString(GetBuffer(), 0, (int)Length);
    }
}
