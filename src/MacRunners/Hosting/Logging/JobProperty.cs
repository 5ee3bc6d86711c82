using Serilog.Events;

namespace MacRunners.Hosting.Logging;

/// <summary>Which job an event belongs to.</summary>
internal static class JobProperty
{
    /// <summary>The job of the scope the event was written in, or that it names itself; null for the daemon's own events.</summary>
    public static Guid? Of(LogEvent logEvent) => logEvent.Properties.GetValueOrDefault(IJobLogs.JobIdProperty) switch
    {
        ScalarValue { Value: Guid job } => job,
        ScalarValue { Value: string text } when Guid.TryParse(text, out var job) => job,
        _ => null,
    };
}
