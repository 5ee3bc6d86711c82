using System.Text;
using MacRunners.Jobs.Journal;
using MacRunners.Settings;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MacRunners.Health.Checks;

/// <summary>
/// Would the journal's next line reach the disk? Tried beside the journal, since a failed line of the journal itself stops
/// the daemon: this tells before a job is lost by it.
/// </summary>
internal sealed class JournalCheck(JournalFile journal, IOptions<PathsOptions> paths, TimeProvider time) : IHealthCheck
{
    /// <summary>Costs a flush of the disk, hence seldom.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private const string Probe = "journal.probe";

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var file = new FileStream(Path.Combine(paths.Value.State, Probe), new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            await file.WriteAsync(Encoding.ASCII.GetBytes($"{time.GetUtcNow():O}\n"), cancellationToken);
            file.Flush(flushToDisk: true);
            return !journal.HasReserve
                ? Finding.Unhealthy($"the reserve of disk space under {paths.Value.State} was given up or could not be made; no job is taken", FreeSpace.Remedy)
                : Finding.Healthy($"{paths.Value.State} can be written");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Unhealthy(e.Message, "Check the volume of Paths:State: full, read-only or failing? Else recycle the machine.");
        }
    }
}
