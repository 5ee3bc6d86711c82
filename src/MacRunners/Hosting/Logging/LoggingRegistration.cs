using MacRunners.Settings;
using Serilog;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace MacRunners.Hosting.Logging;

/// <summary>Puts logging together.</summary>
internal static class LoggingRegistration
{
    /// <summary>Names of the daemon's files in <see cref="PathsOptions.Logs"/>; in ordinal order, the newest is last.</summary>
    public const string DaemonFiles = "macrunners-*.json";

    /// <summary>
    /// Adds the console (one plain line per event), the daemon's rolling JSON file <c>macrunners-….json</c>, and the files of the
    /// jobs, <see cref="IJobLogs"/>. The folders must exist.
    /// </summary>
    public static IHostApplicationBuilder AddMacRunnersLogging(this IHostApplicationBuilder builder, LogOptions log, PathsOptions paths, StateFolders folders)
    {
        SelfLog.Enable(Complain);
        var jobs = new JobLogSink(folders.JobLogs, log.KeepJobs);
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(log.Level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .Enrich.FromLogContext()
            .WriteTo.Console(new PlainLineFormatter(withJob: true, withStackTraces: false))
            .WriteTo.File(
                new RenderedCompactJsonFormatter(),
                Path.Combine(paths.Logs, "macrunners-.json"),
                fileSizeLimitBytes: log.FileSizeBytes,
                rollingInterval: RollingInterval.Day,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: log.KeepFiles,
                hooks: new LogFiles())
            .WriteTo.Sink(jobs)
            .CreateLogger();
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(logger, dispose: true);

        // For who must flush it at the end without the host.
        Log.Logger = logger;
        builder.Services.AddSingleton<IJobLogs>(jobs);
        return builder;
    }

    // The last resort of a log that cannot be written. Nobody can be told that it fails too, as when both are on one full disk, and it
    // would fail in the face of whoever wrote a line.
    private static void Complain(string message)
    {
        try
        {
            Console.Error.WriteLine(message);
        }
        catch (IOException)
        {
        }
    }
}
