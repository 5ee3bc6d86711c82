using MacRunners.Accounts;
using MacRunners.Jobs;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Telemetry;
using Microsoft.Extensions.Options;

namespace MacRunners.Teardown;

/// <summary>
/// Removes everything of a job's account and proves it: kill, sweep, delete (or else neutralise), prove. Every step can be repeated; all of
/// them run even if one fails or the time is over; the end is decided by looking, not by trusting what the steps said.
/// </summary>
internal sealed partial class JobTeardown(
    IAccountDirectory accounts,
    JournalFile journal,
    ProcessReaper reaper,
    StrayProcesses strays,
    AccountRemains remains,
    FileSweeper sweeper,
    CleanlinessProof proof,
    Trash trash,
    Tripwire tripwire,
    DirtyState dirty,
    DaemonMetrics metrics,
    IOptions<JobsOptions> jobs,
    TimeProvider time,
    ILogger<JobTeardown> logger)
{
    /// <summary>Steps that, begun late, are still waited for, each for <see cref="JobsOptions.DirectoryTimeout"/>: none goes untried.</summary>
    public const int LateSteps = 3;

    private const int MostNamed = 10;

    // What a service of the system does for an account under another number (cron, at, sshd) ends with what it did it for.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(8);

    /// <summary>Tears down what belongs to the job. Afterwards its state is <see cref="JobStage.Clean"/> or <see cref="JobStage.Dirty"/>.</summary>
    /// <param name="life">The job; its account may be half made.</param>
    /// <param name="phaseBegins">Told about each phase as it begins.</param>
    /// <param name="cancellationToken">Only for the daemon's hard end; what remains is then taken up at the next start.</param>
    /// <exception cref="IOException">The journal cannot be written.</exception>
    public async Task<TeardownReport> RunAsync(JobLife life, Action<JobPhase> phaseBegins, CancellationToken cancellationToken)
    {
        var report = new TeardownReport();
        if (life.Account is not { } account)
        {
            // Nothing was made, or so the journal says; if a damaged line hid it, the account database shows it.
            journal.Append(at => new StepDone(at, life.Job, JobStage.Clean));
            report.Proven();
            return report;
        }

        try
        {
            await TearDownAsync(life, account, report, phaseBegins, cancellationToken);
        }
        finally
        {
            trash.Announce();
        }

        return report;
    }

    private async Task TearDownAsync(JobLife life, JobAccount account, TeardownReport report, Action<JobPhase> phaseBegins, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var budget = new CancellationTokenSource(jobs.Value.TeardownBudget, time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, budget.Token);
        await StepAsync(JobPhase.Kill, JobStage.ProcessesGone, async () =>
        {
            var escaped = FindEscaped(account);
            try
            {
                foreach (var process in await reaper.KillAllAsync(account, () => LetGoAsync(account, report), enough.Token))
                {
                    report.Add(ResidueKind.Process, ProcessReaper.Describe(process));
                }
            }
            finally
            {
                // Strays may be in the account's control group, which is killed with what has escaped.
                try
                {
                    await KillStraysAsync(report, enough.Token);
                }
                finally
                {
                    await KillEscapedAsync(account, escaped, report);
                }
            }
        });
        await StepAsync(JobPhase.Sweep, JobStage.FilesGone, async () =>
        {
            var sweep = Task.Run(() => SweepAsync(account, report, enough.Token), CancellationToken.None);
            try
            {
                await PatientlyAsync(sweep);
            }
            catch (TimeoutException)
            {
                // What it still moves is not forgotten in the trash.
                _ = sweep.ContinueWith(_ => trash.Announce(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                throw;
            }
        });
        await StepAsync(JobPhase.Delete, JobStage.AccountGone, () => PatientlyAsync(DeleteOrNeutraliseAsync(account.Name)));
        await StepAsync(JobPhase.Prove, JobStage.Clean, async () =>
        {
            var looking = proof.LookAsync(account, () => reaper.RuleOutAsync(account, enough.Token), report.CannotProve, CancellationToken.None);
            var comparing = Task.Run(tripwire.Changes, CancellationToken.None);
            await PatientlyAsync(comparing);
            report.Remains([.. (await comparing).Select(change => new Residue(ResidueKind.System, change))]);
            await PatientlyAsync(looking);
            if (await looking is { Count: > 0 } left)
            {
                throw new ResidueException(left);
            }
        });
        Conclude(life, account, report, budget.IsCancellationRequested);

        // What is given up on goes on behind until its own limits: a tool that is killed in the middle leaves the account database locked.
        Task PatientlyAsync(Task step)
        {
            var left = jobs.Value.TeardownBudget - time.GetElapsedTime(began);
            return step.WaitAsync(left > jobs.Value.DirectoryTimeout ? left : jobs.Value.DirectoryTimeout, time, cancellationToken);
        }

        async Task StepAsync(JobPhase phase, JobStage leadsTo, Func<Task> step)
        {
            phaseBegins(phase);
            journal.Append(at => new StepStarting(at, life.Job, leadsTo));
            var started = time.GetTimestamp();
            try
            {
                await step();

                // A step that succeeds after one that failed does not move the job past the failure.
                if (report.Remaining.Count == 0 && leadsTo != JobStage.Clean)
                {
                    Done(life, leadsTo);
                }
            }
            catch (ResidueException e)
            {
                StepLeft(logger, phase, account.Name, e.Message);
                report.Remains(e.Residue);
            }
            catch (Exception e) when (e is AccountDirectoryException or PosixException or ToolException)
            {
                StepFailed(logger, phase, account.Name, e.Message);
                report.Remains([new Residue(KindOf(phase), e.Message)]);
            }
            catch (TimeoutException)
            {
                var why = $"no end within {BudgetText}; given up";
                StepFailed(logger, phase, account.Name, why);
                report.Remains([new Residue(KindOf(phase), why)]);
            }
            finally
            {
                report.Took(phase, time.GetElapsedTime(started));
            }
        }
    }

    // In time, whatever answers there or does not: what holds on then is named by the kill, or when everything else is removed.
    private async Task LetGoAsync(JobAccount account, TeardownReport report)
    {
        foreach (var isOutermostFirst in (bool[])[false, true])
        {
            await Task.Run(() => remains.UnmountOwn(account, report, isOutermostFirst), CancellationToken.None)
                .WaitAsync(TimeToEnd, time, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private IReadOnlyList<ProcessEntry> FindEscaped(JobAccount account) => [.. reaper.FindEscaped(account).Where(process => !strays.Is(process))];

    // Root's rights are enough to leave what it was known by.
    private IReadOnlyList<ProcessEntry> Escaped(JobAccount account, IReadOnlyList<ProcessEntry> seen) =>
        [.. FindEscaped(account).UnionBy(seen.Where(process => reaper.IsStillAway(account, process)), process => process.Identity)];

    private async Task KillEscapedAsync(JobAccount account, IReadOnlyList<ProcessEntry> seen, TeardownReport report)
    {
        var began = time.GetTimestamp();
        while (Escaped(account, seen) is { Count: > 0 } escaped)
        {
            if (time.GetElapsedTime(began) < TimeToEnd)
            {
                await Task.Delay(Look, time, CancellationToken.None);
                continue;
            }

            // Written down first: with the process ends what proves it, and what it did is not known to anybody.
            try
            {
                tripwire.Remember(escaped.Select(process => $"{ProcessReaper.Describe(process)} of {account.Name} had become uid {process.EffectiveUid}"));
            }
            catch (IOException e)
            {
                // A job that fills the disk is not spared for it; the proof finds it in memory, and the journal has room of its own.
                report.Remains([new Residue(ResidueKind.System, $"an escaped process could not be written down: {e.Message}")]);
            }

            reaper.Kill(account.Id, escaped);
            return;
        }

        foreach (var process in seen)
        {
            EndedByItself(logger, ProcessReaper.Describe(process), account.Name, process.EffectiveUid);
            report.Add(ResidueKind.Process, $"{ProcessReaper.Describe(process)} as uid {process.EffectiveUid}, which ended by itself");
        }
    }

    // They may have left files anywhere, so the machine takes no job before everything of every number is swept.
    private async Task KillStraysAsync(TeardownReport report, CancellationToken enough)
    {
        foreach (var (number, processes) in strays.Find().GroupBy(stray => stray.Number, stray => stray.Residue).Select(group => (group.Key, group.ToList())))
        {
            report.Remains(processes);
            await reaper.KillAllAsync(number, enough);
        }
    }

    private async Task SweepAsync(JobAccount account, TeardownReport report, CancellationToken enough)
    {
        var resisted = await remains.RemoveAsync(account, report, CancellationToken.None);
        try
        {
            sweeper.Sweep(account, report);
        }
        catch (Exception e) when (resisted.Count > 0 && e is (ResidueException or PosixException))
        {
            // Mostly the consequence of what resisted before, which is the cause to be told.
            resisted = [.. resisted, .. e is ResidueException left ? left.Residue : [new Residue(ResidueKind.File, e.Message)]];
        }

        // Something may have been started on the account's behalf meanwhile, by the system's own services.
        if (reaper.Sees(account))
        {
            _ = await reaper.KillAllAsync(account, enough);
        }

        if (resisted.Count > 0)
        {
            throw new ResidueException(resisted);
        }
    }

    // An account that has to stay must be of no use to anybody; the machine is dirty all the same.
    private async Task DeleteOrNeutraliseAsync(string name)
    {
        try
        {
            await DeleteAsync(name);
        }
        catch (AccountDirectoryException e) when (!e.IsUnanswered)
        {
            throw new ResidueException([new Residue(ResidueKind.Account, e.Message), new Residue(ResidueKind.Account, await NeutraliseAsync(name))]);
        }
    }

    private async Task<string> NeutraliseAsync(string name)
    {
        try
        {
            var resisted = await accounts.NeutraliseAsync(name, CancellationToken.None);
            return $"until it can be deleted, {name} is neutralised: no shell, no password, no home"
                + (resisted is [] ? "" : $"; except, for they could not be changed: {string.Join(", ", resisted)}");
        }
        catch (AccountDirectoryException e)
        {
            return $"{name} could not be neutralised either: {e.Message}";
        }
    }

    // The account database needs room to forget somebody; on a full disk it comes only when the trash has been emptied, which goes on behind.
    private async Task DeleteAsync(string name)
    {
        for (var pause = FirstRetry; ; pause *= 2)
        {
            try
            {
                await accounts.DeleteAsync(name, CancellationToken.None);
                return;
            }
            catch (AccountDirectoryException e) when (!e.IsRefused && pause <= LastRetry)
            {
                DeletedLater(logger, name, pause.TotalSeconds, e.Message);
                trash.Announce();
                await Task.Delay(pause, time, CancellationToken.None);
            }
        }
    }

    private string BudgetText => $"Jobs:TeardownBudget ({jobs.Value.TeardownBudget})";

    private static ResidueKind KindOf(JobPhase phase) => phase switch
    {
        JobPhase.Kill => ResidueKind.Process,
        JobPhase.Sweep => ResidueKind.File,
        _ => ResidueKind.Account,
    };

    private void Conclude(JobLife life, JobAccount account, TeardownReport report, bool isLate)
    {
        foreach (var (kind, count) in report.Counts)
        {
            metrics.ResidueFound(kind, count);
        }

        foreach (var unproven in report.Unproven)
        {
            NotLookedAt(logger, account.Name, unproven);
        }

        report.Proven();
        if (report.IsClean)
        {
            Done(life, JobStage.Clean);
            ProvenGone(logger, account.Name, report.Counts.Values.Sum());
        }
        else
        {
            Done(life, JobStage.Dirty);
            var within = isLate ? $" within {BudgetText}" : "";
            dirty.Enter(life.Job, $"{account.Name} could not be proven gone{within}: {string.Join("; ", report.Remaining.Take(MostNamed))}{(report.Remaining.Count > MostNamed ? $"; and {report.Remaining.Count - MostNamed} more" : "")}");
        }
    }

    private void Done(JobLife life, JobStage state)
    {
        life.Enter(state);
        journal.Append(at => new StepDone(at, life.Job, state));
    }

    [LoggerMessage(1231, LogLevel.Error, "Teardown step {Phase} of {Account} left something: {Residue}")]
    private static partial void StepLeft(ILogger logger, JobPhase phase, string account, string residue);

    [LoggerMessage(1232, LogLevel.Error, "Teardown step {Phase} of {Account} failed: {Why}")]
    private static partial void StepFailed(ILogger logger, JobPhase phase, string account, string why);

    [LoggerMessage(1234, LogLevel.Warning, "{Account} could not be deleted; trying again in {Pause} s: {Why}")]
    private static partial void DeletedLater(ILogger logger, string account, double pause, string why);

    [LoggerMessage(1235, LogLevel.Warning, "{Process} of {Account} was uid {Uid}, and ended with the account's own processes: a service of the system (cron, at, sshd) that did something for the account, or a job that had become somebody else")]
    private static partial void EndedByItself(ILogger logger, string process, string account, uint uid);

    [LoggerMessage(1236, LogLevel.Warning, "The proof that {Account} is gone is incomplete: {Unproven}")]
    private static partial void NotLookedAt(ILogger logger, string account, string unproven);

    [LoggerMessage(1233, LogLevel.Information, "{Account} is proven gone; {Found} leftovers were removed")]
    private static partial void ProvenGone(ILogger logger, string account, int found);
}
