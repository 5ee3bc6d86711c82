using System.Text.Json;
using System.Text.Json.Serialization;
using MacRunners.Health;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>Keeps, beside each job's log, what became of it and what its teardown found.</summary>
internal sealed partial class JobReports(IOptions<PathsOptions> paths, ILogger<JobReports> logger)
{
    /// <summary>Writes <c>Paths:Logs/jobs/&lt;uuid&gt;.json</c>. A disk that refuses costs the report, never the daemon.</summary>
    public void Write(EndedJob ended, JobLife life, JobVerdict verdict, TeardownReport teardown)
    {
        var report = new JobReport(
            ended.Id,
            life.Account?.Name,
            life.Account?.Id,
            verdict.Outcome,
            verdict.Why,
            ended.EndedAt,
            ended.Phases.ToDictionary(phase => phase.Phase, phase => Math.Round(phase.Duration.TotalSeconds, 6)),
            teardown.IsClean,
            teardown.Found,
            teardown.Remaining,
            teardown.Unproven);
        var path = Path.Combine(paths.Value.Logs, "jobs", $"{ended.Id}.json");
        try
        {
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
            });
            JsonSerializer.Serialize(file, report, JobReportJson.Default.JobReport);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NotWritten(logger, path, e.Message);
        }
    }

    [LoggerMessage(1331, LogLevel.Error, "The report {Path} could not be written: {Why}")]
    private static partial void NotWritten(ILogger logger, string path, string why);
}

/// <summary>The report's content. Fields are only ever added.</summary>
/// <param name="Job">Buildkite's job id.</param>
/// <param name="Account">Name of the throw-away account, if one was made.</param>
/// <param name="Uid">Its number.</param>
/// <param name="Outcome">What became of the job.</param>
/// <param name="Why">Cause and remedy, where there is something to say.</param>
/// <param name="EndedAt">When the machine was free again.</param>
/// <param name="Phases">Seconds of each phase.</param>
/// <param name="Clean">Whether nothing was proven to be left.</param>
/// <param name="Found">What the job had left behind and was removed.</param>
/// <param name="Remaining">What could not be removed.</param>
/// <param name="Unproven">What macOS did not let the proof look at, each with what to grant.</param>
internal sealed record JobReport(
    Guid Job,
    string? Account,
    uint? Uid,
    JobOutcome Outcome,
    string? Why,
    DateTimeOffset EndedAt,
    IReadOnlyDictionary<JobPhase, double> Phases,
    bool Clean,
    IReadOnlyList<Residue> Found,
    IReadOnlyList<Residue> Remaining,
    IReadOnlyList<string> Unproven);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DictionaryKeyPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(JobReport))]
internal sealed partial class JobReportJson : JsonSerializerContext;
