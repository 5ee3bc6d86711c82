using System.IO.Enumeration;
using System.Text;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>The job's log as the bootstrap writes it: output of commands and its own lines, secrets redacted, on standard output.</summary>
internal sealed class JobOutput
{
    private const int ShortestSecret = 6;
    private const int BrokenPipe = 32;
    private readonly Lock _lock = new();
    private readonly RedactingWriter _redacting;
    private readonly IReadOnlyList<string> _patterns;
    private readonly IReadOnlyList<string> _disabledWarnings;
    private volatile bool _broken;

    public JobOutput(IReadOnlyList<string> redactedPatterns, IReadOnlyList<string> disabledWarnings)
    {
        _redacting = new RedactingWriter(WriteOut);
        _patterns = redactedPatterns;
        _disabledWarnings = disabledWarnings;
    }

    /// <summary>Takes output of a command; false when nobody listens any more.</summary>
    public bool Write(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            _redacting.Write(data);
        }

        return !_broken;
    }

    public void Flush()
    {
        lock (_lock)
        {
            _redacting.Flush();
        }
    }

    public void Print(string line) => Write(Encoding.UTF8.GetBytes(line + "\n"));

    public void Header(string text) => Print($"~~~ {text}");

    public void Comment(string text) => Print($"\e[90m# {text}\e[0m");

    public void Error(string text) => Print($"\e[31m🚨 Error: {text}\e[0m\n^^^ +++");

    public void Warning(string text) => Print($"\e[33m⚠️ Warning: {text}\e[0m\n^^^ +++");

    public void Prompt(string text) => Print($"\e[90m$\e[0m {text}");

    /// <summary>A warning operators may switch off by its id.</summary>
    public void OptionalWarning(string id, string text)
    {
        if (_disabledWarnings.Contains(id))
        {
            Print(text);
        }
        else
        {
            Warning($"{text}. You can disable this warning by passing the `--disable-warnings-for {id}` flag");
        }
    }

    /// <summary>From now on the values of variables with secret names are redacted.</summary>
    public void Redact(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var tooShort = new List<string>();
        foreach (var (name, value) in variables)
        {
            if (!_patterns.Any(p => FileSystemName.MatchesSimpleExpression(p, name, ignoreCase: false)) || value.Length == 0)
            {
                continue;
            }

            var secret = Encoding.UTF8.GetBytes(value);
            if (secret.Length < ShortestSecret)
            {
                tooShort.Add(name);
                continue;
            }

            lock (_lock)
            {
                _redacting.Add(secret);
            }
        }

        if (tooShort.Count > 0)
        {
            tooShort.Sort(StringComparer.Ordinal);
            OptionalWarning("short-redacted-vars", $"Some variables have values below minimum length ({ShortestSecret} bytes) and will " +
                $"not be redacted: {string.Join(", ", tooShort)}");
        }
    }

    private void WriteOut(ReadOnlySpan<byte> data)
    {
        if (_broken || data.IsEmpty)
        {
            return;
        }

        var error = StandardStreams.Write(StandardStreams.Output, data);
        if (error == BrokenPipe)
        {
            // Whoever read the pipe, the agent, is gone; a program of the ordinary kind dies of that.
            Signal.DieBy(Signal.Pipe);
        }

        _broken = error != 0;
    }
}
