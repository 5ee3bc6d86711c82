using MacRunners.Agent;
using MacRunners.Hosting;
using MacRunners.Hosting.Configuration;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Teardown;
using MacRunners.Telemetry;

namespace MacRunners.Diagnosis;

/// <summary>
/// Can an account be made, used and deleted again? The daemon's own self-test, made in its place: journaled, so that whatever is left
/// of it is torn down at the daemon's next start, and therefore only while none runs.
/// </summary>
internal sealed class ProbeExamination(ConfigurationAudit audit, IAgentToken token, bool isWanted) : Examination("probe")
{
    private const string Caveat = "as started from here: a service manager may grant the daemon less or more, which its own self-test shows";

    // An account, a program and a whole teardown, each with limits of its own.
    /// <inheritdoc/>
    public override TimeSpan Limit => audit.Settings.Jobs.TeardownBudget + (10 * audit.Settings.Jobs.DirectoryTimeout);

    /// <inheritdoc/>
    public override bool RunsAlone => true;

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(CancellationToken cancellationToken) => [await ProbeAsync(cancellationToken)];

    private async Task<DoctorFinding> ProbeAsync(CancellationToken cancellationToken)
    {
        if (!isWanted)
        {
            return Ok("skipped as asked (--no-probe): no account was made and deleted");
        }

        if (!Environment.IsPrivilegedProcess)
        {
            return Warning("skipped: only root can make accounts", "Run doctor with sudo.");
        }

        if (audit.Faults.Count > 0)
        {
            return Warning("skipped: the configuration has faults", "Correct them first.");
        }

        if (JournalFile.IsHeld(audit.Settings.Paths.State))
        {
            return Ok("skipped: a daemon runs, which makes the same test itself (check selftest of /health)");
        }

        new StateFolders(audit.Settings.Paths, audit.Platform.Files).Ensure();
        await using var services = OfflineServices.Build(audit, token);

        // Agents of a daemon that was killed may live: what waits for them in their pipes must stay.
        services.GetRequiredService<AgentLauncher>().Prepare(services.GetRequiredService<JournalFile>().OpenJobs().Select(life => life.Job).ToHashSet());
        services.GetRequiredService<Trash>().Prepare();
        var end = await services.GetRequiredService<ICanary>().RunAsync(cancellationToken);
        if (end is null)
        {
            var why = await services.GetRequiredService<Readiness>().WhyNotAsync(cancellationToken) ?? "the machine was not ready";
            return Warning($"skipped: no job would be taken now: {why}", "Remove the cause first.");
        }

        services.GetRequiredService<Trash>().Empty(services.GetRequiredService<SharedPlaces>().OfTrash, cancellationToken);
        return end.Result switch
        {
            SelfTestResult.Passed => Ok($"an account was made, the agent ran in it, and both are proven gone ({Caveat})"),
            SelfTestResult.Failed => Failed(end.Why!, "Remove the cause it names. No job could be started like this."),
            _ => Failed(
                end.Why!,
                "macOS: grant Full Disk Access to whoever deletes accounts (DEPLOYMENT.md, Full Disk Access). The machine counts as dirty until the daemon has torn this down at its start."),
        };
    }
}
