using MacRunners.Accounts;
using MacRunners.Hosting;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>
/// Clean on the way in: before the first job, everything that an earlier run of the daemon left behind (crash, power
/// cut, kill) is torn down and proven gone. Searched are the journal, the account database, the homes' folder, and the
/// shared places for every number of the private range. Only a job whose agent still lives is left alone: it goes on.
/// </summary>
internal sealed partial class OrphanRecovery(
    IPlatform platform,
    IAccountDirectory directory,
    JournalFile journal,
    AccountRange range,
    JobTeardown teardown,
    ProcessReaper reaper,
    StrayProcesses strays,
    AccountRemains remains,
    FileSweeper sweeper,
    SharedPlaces places,
    Trash trash,
    Tripwire tripwire,
    DirtyState dirty,
    IJobLogs logs,
    DaemonMetrics metrics,
    IOptions<PathsOptions> paths,
    TimeProvider time,
    ILogger<OrphanRecovery> logger)
{
    private const int MostNamed = 10;

    // An agent becomes its account's within milliseconds of being let go, which may have been the daemon's last act.
    private static readonly TimeSpan TimeToBecome = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Reconciles journal and machine. Ends the dirty state when everything is proven gone.</summary>
    /// <returns>What is to be gone on with.</returns>
    /// <exception cref="AccountDirectoryException">The account database does not answer.</exception>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public async Task<Recovered> RunAsync(CancellationToken cancellationToken)
    {
        trash.Prepare();
        if (dirty.IsDirty)
        {
            tripwire.AcceptIfTold();
        }

        await directory.WaitUntilReadyAsync(cancellationToken);
        var allClean = true;
        var known = journal.OpenJobs();
        var tornDown = 0;
        var living = new List<JobLife>();
        var interrupted = new List<InterruptedJob>();
        foreach (var (number, residue) in strays.Find().DistinctBy(stray => stray.Number))
        {
            allClean &= await KillStraysAsync(number, residue);
        }

        foreach (var life in known)
        {
            if (await AgentLivesAsync(life))
            {
                living.Add(life);
                continue;
            }

            tornDown += life.Stage == JobStage.Clean ? 0 : 1;
            var teardownReport = await TearDownAsync(life);
            allClean &= teardownReport.IsClean;
            if (life is { ReservedAt: not null, IsSettled: false })
            {
                interrupted.Add(new InterruptedJob(life, teardownReport));
            }
        }

        // What the journal does not know: a lost line, a journal that was removed.
        var accounts = await directory.ListJobAccountsAsync(cancellationToken);
        foreach (var entry in accounts.Where(entry => !known.Any(life => life.Account?.Name == entry.Name && life.Account.Id == entry.Id)))
        {
            tornDown++;
            allClean &= entry.Id is { } id ? await TearDownAsync(entry, id) : await DeleteHalfMadeAsync(entry);
        }

        // The folder below a volume that stays cannot be moved.
        allClean &= await DeleteVolumesAsync(name => known.Any(life => life.Account?.Name == name) || accounts.Any(entry => entry.Name == name))
            && Attempt(() => TakeHomesWithoutAccount(IsOrphaned));
        var report = new TeardownReport();
        allClean &= Attempt(() => sweeper.SweepShared(IsOrphaned, report));
        foreach (var number in platform.ControlGroups.Owners().Where(IsOrphaned))
        {
            allClean &= await RemoveGroupAsync(number);
        }

        foreach (var residue in report.Found)
        {
            StrayFile(logger, residue.Detail);
        }

        foreach (var (kind, count) in report.Counts)
        {
            metrics.ResidueFound(kind, count);
        }

        if (dirty.IsDirty && tripwire.Changes() is { Count: > 0 } changes)
        {
            allClean = false;
            dirty.Enter(null, $"a job has had root's rights, or somebody has administered the machine meanwhile: {string.Join("; ", changes.Take(MostNamed))}. Recycle the machine; or put files back; or, if it was you, accept it by removing {tripwire.Folder}");
        }

        // What is stuck in the trash may be why it is dirty.
        if (dirty.IsDirty)
        {
            allClean &= await Task.Run(EmptyTrash, CancellationToken.None);
        }

        if (allClean)
        {
            dirty.Leave();
        }

        trash.Announce();
        return new Recovered(living, interrupted, tornDown);

        bool IsOrphaned(uint id) => range.Contains(id) && !living.Exists(life => life.Account!.Id == id);
    }

    // The pair of number and start time is one process for ever in one boot, and the journal forgets it over a reboot.
    private async Task<bool> AgentLivesAsync(JobLife life)
    {
        if (life is not { Stage: JobStage.AgentStarted, Agent: { } agent, Account: { } account } || !range.Contains(account.Id))
        {
            return false;
        }

        for (var started = time.GetTimestamp(); ; await Task.Delay(LookInterval, time, CancellationToken.None))
        {
            if (platform.Processes.Find(agent.Process.Pid) is not { } process || process.Identity != agent.Process)
            {
                return false;
            }

            if (process.RealUid == account.Id && process.EffectiveUid == account.Id)
            {
                return true;
            }

            if (time.GetElapsedTime(started) > TimeToBecome)
            {
                // Still root's, so it is our own helper that hangs; killing the account's processes would miss it.
                _ = platform.Processes.Signal(agent.Process, Signal.Kill);
                return false;
            }
        }
    }

    private async Task<bool> TearDownAsync(AccountEntry entry, uint id)
    {
        if (!range.Contains(id))
        {
            // Another daemon's, or a person's: not ours to judge.
            NotOurs(logger, entry.Name, id);
            return true;
        }

        // From now on the journal knows it: what resists is taken up again at the next start even when the account's
        // record is gone by then, and its number is not given to anybody else.
        var life = new JobLife(Guid.NewGuid())
        {
            Account = new JobAccount(entry.Name, id, Path.Combine(paths.Value.Homes, entry.Name), entry.GeneratedUid),
        };
        journal.Append(at => new AccountCreating(at, life.Job, entry.Name, id, id, life.Account.Home));
        return (await TearDownAsync(life)).IsClean;
    }

    // A record without a number never had a process or a file: only itself is to go.
    private async Task<bool> DeleteHalfMadeAsync(AccountEntry entry)
    {
        HalfMade(logger, entry.Name);
        try
        {
            await directory.DeleteAsync(entry.Name, CancellationToken.None);
            return true;
        }
        catch (AccountDirectoryException e)
        {
            dirty.Enter(null, e.Message);
            return false;
        }
    }

    private async Task<TeardownReport> TearDownAsync(JobLife life)
    {
        if (life.Stage == JobStage.Clean)
        {
            // Only its settlement was missing.
            var nothing = new TeardownReport();
            nothing.Proven();
            return nothing;
        }

        using var log = logs.Open(life.Job);
        using var scope = logger.BeginScope(IJobLogs.Scope(life.Job));
        Orphan(logger, life.Job, life.Account?.Name ?? "no account", life.Stage);
        metrics.OrphanRecovered();
        return await teardown.RunAsync(life, _ => { }, CancellationToken.None);
    }

    // Those of jobs and accounts go, or stay, with them.
    private async Task<bool> DeleteVolumesAsync(Func<string, bool> isSomebodys)
    {
        try
        {
            await remains.DeleteVolumesOfNobodyAsync(paths.Value.Homes, isSomebodys, Deleting, CancellationToken.None);
            return true;
        }
        catch (ToolException e)
        {
            dirty.Enter(null, $"the home of an earlier job cannot be deleted: {e.Message}");
            return false;
        }

        void Deleting(string name)
        {
            StrayVolume(logger, name);
            metrics.ResidueFound(ResidueKind.Home);
        }
    }

    // First of all, or the first teardown would take them for its job's doing.
    private async Task<bool> KillStraysAsync(uint number, Residue residue)
    {
        StrayProcess(logger, residue.Detail);
        metrics.ResidueFound(ResidueKind.Process);
        try
        {
            await reaper.KillAllAsync(number, CancellationToken.None);
            return true;
        }
        catch (ResidueException e)
        {
            dirty.Enter(null, $"a process of an earlier job cannot be killed: {e.Message}");
            return false;
        }
    }

    // Of a job of which nothing else was known. Who is still in it has escaped.
    private async Task<bool> RemoveGroupAsync(uint number)
    {
        var clean = KillEscaped(number);
        try
        {
            await platform.ControlGroups.RemoveAsync(number);
            return clean;
        }
        catch (PosixException e)
        {
            dirty.Enter(null, $"a control group of an earlier job is in use: {e.Message}");
            return false;
        }
    }

    private bool KillEscaped(uint number)
    {
        if (platform.Processes.EscapedFrom(number) is not { Count: > 0 } escaped)
        {
            return true;
        }

        List<string> escapes = [.. escaped.Select(process => $"{ProcessReaper.Describe(process)} of {number} had become uid {process.EffectiveUid}")];
        dirty.Enter(null, string.Join("; ", escapes.Take(MostNamed)));
        try
        {
            tripwire.Remember(escapes);
        }
        catch (IOException e)
        {
            dirty.Enter(null, $"an escaped process could not be written down: {e.Message}");
        }

        reaper.Kill(number, escaped);
        return false;
    }

    // What cannot be moved must not stop the daemon from saying so.
    private bool Attempt(Action step)
    {
        try
        {
            step();
            return true;
        }
        catch (PosixException e)
        {
            dirty.Enter(null, $"something of an earlier job cannot be moved away: {e.Message}");
            return false;
        }
    }

    private bool EmptyTrash()
    {
        try
        {
            trash.Empty(places.OfTrash, CancellationToken.None);
        }
        catch (PosixException e)
        {
            dirty.Enter(null, $"the trash cannot be emptied: {e.Message}");
            return false;
        }

        if (trash.Stuck is { Count: > 0 } stuck)
        {
            dirty.Enter(null, $"{stuck.Count} entries of the trash cannot be removed, {stuck.Named}. {StuckTrash.Remedy}");
        }

        return trash.Stuck.Count == 0;
    }

    private void TakeHomesWithoutAccount(Func<uint, bool> isOrphaned)
    {
        using var homes = platform.Files.OpenDirectory(paths.Value.Homes);
        foreach (var name in platform.Files.List(homes).Where(name => name.Bytes.StartsWith("bk-"u8)))
        {
            if (platform.Files.Stat(homes, name) is { } status && isOrphaned(status.Uid))
            {
                StrayFile(logger, $"{paths.Value.Homes}/{name}");
                metrics.ResidueFound(ResidueKind.Home);
                sweeper.TakeOrphanedHome(name);
            }
        }
    }

    [LoggerMessage(1341, LogLevel.Warning, "Job {Job} was left behind by an earlier run ({Account}, {Stage}); tearing it down")]
    private static partial void Orphan(ILogger logger, Guid job, string account, JobStage stage);

    [LoggerMessage(1342, LogLevel.Warning, "{Account} looks like a job's account, but its number {Id} is outside Accounts:UidMin..UidMax; it is not touched")]
    private static partial void NotOurs(ILogger logger, string account, uint id);

    [LoggerMessage(1344, LogLevel.Warning, "{Account} is a half-made record without a number; deleting it")]
    private static partial void HalfMade(ILogger logger, string account);

    [LoggerMessage(1345, LogLevel.Warning, "Killing {Process}")]
    private static partial void StrayProcess(ILogger logger, string process);

    [LoggerMessage(1346, LogLevel.Warning, "Deleting the volume {Name}: it was the home of no living job")]
    private static partial void StrayVolume(ILogger logger, string name);

    [LoggerMessage(1343, LogLevel.Warning, "Moved {Path} to the trash: it belonged to no living job")]
    private static partial void StrayFile(ILogger logger, string path);
}

/// <summary>What a start of the daemon found of an earlier run.</summary>
/// <param name="Living">Jobs whose agents still live; nothing of them was touched.</param>
/// <param name="Interrupted">Jobs that were torn down and about which Buildkite has to be asked.</param>
/// <param name="TornDown">Jobs and accounts of which something was torn down.</param>
internal sealed record Recovered(IReadOnlyList<JobLife> Living, IReadOnlyList<InterruptedJob> Interrupted, int TornDown);

/// <summary>A job that the daemon's end interrupted.</summary>
/// <param name="Life">The job; nothing of it is on the machine any more.</param>
/// <param name="Teardown">What its teardown found.</param>
internal sealed record InterruptedJob(JobLife Life, TeardownReport Teardown);
