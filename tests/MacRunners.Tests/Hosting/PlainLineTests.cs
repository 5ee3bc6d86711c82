using MacRunners.Hosting.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace MacRunners.Tests.Hosting;

public sealed class PlainLineTests
{
    [Fact]
    public void A_line_of_the_console_names_the_job_and_the_exception_and_stays_one_line()
    {
        var job = Guid.NewGuid();
        using var output = new StringWriter();
        using (var logger = new LoggerConfiguration().WriteTo.Sink(new WriterSink(output)).CreateLogger())
        {
            logger.ForContext("JobId", job).ForContext("SourceContext", "MacRunners.Jobs.Dispatcher")
                .Error(new InvalidOperationException("first\nsecond"), "It {Verb} {Count} times", "failed", 3);
        }

        var line = output.ToString();
        Assert.EndsWith($"Z ERR [job {job:D}] Dispatcher: It failed 3 times | InvalidOperationException: first\\nsecond\n", line);
        Assert.Equal(1, line.Count(c => c == '\n'));
    }

    private sealed class WriterSink(TextWriter output) : ILogEventSink
    {
        public void Emit(LogEvent logEvent) => new PlainLineFormatter(withJob: true, withStackTraces: false).Format(logEvent, output);
    }
}
