namespace MacRunners.Hosting;

/// <summary>
/// One log file per job: <c>Paths:Logs/jobs/&lt;uuid&gt;.log</c>. It receives every line that is written inside a logger scope
/// with the property <see cref="JobIdProperty"/>; make the scope with <see cref="Scope"/>.
/// </summary>
internal interface IJobLogs
{
    /// <summary>Name of the scope's property.</summary>
    const string JobIdProperty = "JobId";

    /// <summary>
    /// Opens (for appending: after a restart it goes on) the job's file until the result is disposed, and removes the oldest
    /// files beyond <see cref="Settings.LogOptions.KeepJobs"/>. A file that cannot be opened costs its lines, never the job: it is logged.
    /// </summary>
    IDisposable Open(Guid job);

    /// <summary>State for <see cref="Microsoft.Extensions.Logging.ILogger.BeginScope{TState}"/> that marks lines as the job's.</summary>
    static IReadOnlyDictionary<string, object> Scope(Guid job) => new Dictionary<string, object> { [JobIdProperty] = job };
}
