using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace MacRunners.Hosting.Logging;

/// <summary>
/// One line per event, for people: <c>2026-11-24T12:56:01.123Z INF [job …] Source: message</c>. Whatever data says, a line stays a
/// line and a terminal does nothing but show it. No colours: the output is usually a file.
/// </summary>
/// <param name="withJob">Name the job; its own file needs not.</param>
/// <param name="withStackTraces">Write exceptions in full, on lines of their own, indented; else type and message only.</param>
internal sealed class PlainLineFormatter(bool withJob, bool withStackTraces) : ITextFormatter
{
    private const string Source = "SourceContext";

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        output.Write(logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        output.Write(' ');
        output.Write(Level(logEvent.Level));
        output.Write(' ');
        if (withJob && JobProperty.Of(logEvent) is { } job)
        {
            output.Write($"[job {job:D}] ");
        }

        if (logEvent.Properties.GetValueOrDefault(Source) is ScalarValue { Value: string source })
        {
            output.Write(source[(source.LastIndexOf('.') + 1)..]);
            output.Write(": ");
        }

        output.Write(Visible.Text(Message(logEvent)));
        if (logEvent.Exception is { } exception)
        {
            Exception(exception, output);
        }

        output.Write('\n');
    }

    // As the library renders it, but without quotes around texts: these lines are sentences.
    private static string Message(LogEvent logEvent)
    {
        using var message = new StringWriter(CultureInfo.InvariantCulture);
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is PropertyToken named && logEvent.Properties.GetValueOrDefault(named.PropertyName) is ScalarValue { Value: string text })
            {
                message.Write(text);
            }
            else
            {
                token.Render(logEvent.Properties, message, CultureInfo.InvariantCulture);
            }
        }

        return message.ToString();
    }

    private void Exception(Exception exception, TextWriter output)
    {
        if (!withStackTraces)
        {
            output.Write($" | {exception.GetType().Name}: {Visible.Text(exception.Message)}");
            return;
        }

        foreach (var line in exception.ToString().Split('\n'))
        {
            output.Write("\n    ");
            output.Write(Visible.Text(line.TrimEnd('\r')));
        }
    }

    private static string Level(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "VRB",
        LogEventLevel.Debug => "DBG",
        LogEventLevel.Information => "INF",
        LogEventLevel.Warning => "WRN",
        LogEventLevel.Error => "ERR",
        _ => "FTL",
    };
}
