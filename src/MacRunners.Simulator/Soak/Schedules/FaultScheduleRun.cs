using System.Diagnostics;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.State;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Soak.Schedules;

/// <summary>
/// Runs one schedule on a machine whose daemon runs. It has to end clean, or dirty and honest about it; and once nothing goes wrong any
/// more, the machine has to become clean and take jobs by what an operator is told to do.
/// </summary>
/// <param name="machine">The machine.</param>
/// <param name="schedule">What happens.</param>
/// <param name="patience">How long is waited for each thing that has to come.</param>
internal sealed class FaultScheduleRun(TrialMachine machine, FaultSchedule schedule, TimeSpan patience)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly EmulatedMac _mac = new(machine.EmulatorRoot);
    private readonly Judge _judge = new(machine);
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Queue<ScheduledJob> _jobs = new(schedule.Jobs);
    private readonly Queue<ScheduledFault> _faults = new(schedule.Faults);
    private readonly List<ScheduledFault> _present = [];
    private readonly List<QueuedJob> _queued = [];

    /// <summary>Why the machine was dirty at the end; null when it was not.</summary>
    public string? DirtyBecause { get; private set; }

    /// <summary>Runs it.</summary>
    /// <exception cref="ScheduleFailedException">It did not end as it should.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await UntilAsync(_judge.IsReadyAsync, "the machine is ready before the schedule", cancellationToken);

        // Whatever waits in the queue of a machine that takes no job must not keep the schedule from its end.
        await UntilAsync(
            async () => await StepAsync(cancellationToken) && (_queued.TrueForAll(IsOver) || (!await _judge.IsReadyAsync() && _queued.TrueForAll(job => IsOver(job) || Waits(job)))),
            "the jobs end",
            cancellationToken);
        await _mac.ClearFaultsAsync(cancellationToken);
        await UntilAsync(() => Task.FromResult(_queued.TrueForAll(job => IsOver(job) || Waits(job))), "the jobs that were taken end", cancellationToken);
        CheckReports();
        DirtyBecause = await SettleAsync(cancellationToken);

        await BecomeReadyAsync(cancellationToken);
        await UntilAsync(() => Task.FromResult(_queued.TrueForAll(IsOver)), "the jobs that waited end", cancellationToken);
        CheckReports();
        await UntilAsync(() => Task.FromResult(IsAsBefore()), "nothing of the jobs is left when nothing goes wrong any more", cancellationToken, Left);
    }

    /// <summary>Does what is due.</summary>
    /// <returns>Whether nothing more will happen by itself.</returns>
    private async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var now = Stopwatch.GetElapsedTime(_started);
        while (_jobs.TryPeek(out var job) && job.At <= now)
        {
            _ = _jobs.Dequeue();
            _queued.Add(new QueuedJob(job, machine.Buildkite.Cluster.AddJob(new JobSpec { Command = job.Job.Kind.Command(job.Job.Number) }), now + job.CancelledAfter));
        }

        foreach (var job in _queued.Where(job => !job.IsCancelled && IsToBeCancelled(job, now)))
        {
            job.IsCancelled = true;
            _ = machine.Buildkite.Cluster.Cancel(job.Id);
        }

        var over = _present.Where(fault => fault.At + fault.Lasts <= now).ToList();
        if (over.Count > 0 || (_faults.TryPeek(out var first) && first.At <= now))
        {
            await _mac.ChangeFaultsAsync(rules => Change(rules, over, now), cancellationToken);
        }

        return _jobs.Count == 0 && _faults.Count == 0 && _present.TrueForAll(fault => fault.Lasts is null);
    }

    // The emulator counts its rules down but keeps their order, which is that of the list.
    private void Change(JsonArray rules, List<ScheduledFault> over, TimeSpan now)
    {
        foreach (var fault in over)
        {
            rules.RemoveAt(_present.IndexOf(fault));
            _ = _present.Remove(fault);
        }

        while (_faults.TryPeek(out var fault) && fault.At <= now)
        {
            _present.Add(_faults.Dequeue());
            rules.Add(fault.Rule.DeepClone());
        }
    }

    private bool IsToBeCancelled(QueuedJob job, TimeSpan now) =>
        View(job) is { State: not ("finished" or "canceled" or "timed_out") } view && (job.CancelledAt <= now || (job.Planned.Job.Kind.CancelWhenRunning && view.State == "running"));

    private bool Waits(QueuedJob job) => View(job).State == "scheduled";

    // One that was cancelled before it was reserved is none of the daemon's business.
    private bool IsOver(QueuedJob job) =>
        View(job) is { State: "finished" or "canceled" or "timed_out" } view
        && (view.Events.All(e => e.Name != JobEvents.Reserved) || machine.Report(job.Id) is { } report && report["outcome"]!.GetValue<string>() != "TakenElsewhere");

    private JobView View(QueuedJob job) => machine.Buildkite.Cluster.ViewJob(job.Id);

    private void CheckReports()
    {
        foreach (var job in _queued)
        {
            if (machine.Report(job.Id) is { } report)
            {
                Judge.CheckReport(job, View(job), report);
            }
        }
    }

    /// <summary>Waits until the machine is proven clean, or dirty and honest about it.</summary>
    /// <returns>Why it is dirty.</returns>
    private async Task<string?> SettleAsync(CancellationToken cancellationToken)
    {
        var isDirty = false;
        var isReportedDirty = _queued.Exists(job => machine.Report(job.Id)?["clean"]?.GetValue<bool>() == false);
        await UntilAsync(
            async () =>
            {
                // A canary that is under way has an account, too.
                isDirty = await _judge.IsDirtyAsync();
                return isDirty || (!isReportedDirty && _mac.JobRecords().Count == 0);
            },
            "the machine is clean, or dirty",
            cancellationToken,
            () => $"{(isReportedDirty ? "a job's report says that something was left" : "no job's report says that something was left")}, but the machine takes jobs; {Left()}");
        if (!isDirty)
        {
            return null;
        }

        await UntilAsync(_judge.IsKnownToBeDirtyAsync, "/health says that the machine is dirty", cancellationToken);
        Judge.Require(!await _judge.IsReadyAsync(), "the machine is dirty, but ready for jobs");
        return await _judge.ReasonAsync(_mac.JobRecords);
    }

    private async Task BecomeReadyAsync(CancellationToken cancellationToken)
    {
        if (await _judge.IsReadyAsync())
        {
            return;
        }

        if (schedule.EndsByRestart)
        {
            var exitCode = await machine.StopDaemonAsync(cancellationToken);
            Judge.Require(exitCode == 0, $"the daemon ended with {exitCode} after SIGTERM");
            await machine.StartDaemonAsync(cancellationToken);
        }
        else
        {
            // Refused while a self-test has the machine to itself.
            await UntilAsync(async () => await _judge.IsReadyAsync() || (await _judge.AskAsync("sweep")).ExitCode == 0, "the machine can be swept", cancellationToken);
        }

        await UntilAsync(_judge.IsReadyAsync, "the machine is ready again when nothing goes wrong any more", cancellationToken);
    }

    private bool IsAsBefore() =>
        _mac.JobRecords().Count == 0
        && HostTraces.CountAccounts(machine.Uids.First, machine.Uids.Last) == 0
        && HostTraces.CountProcesses(machine.Uids.First, machine.Uids.Last) == 0
        && !Directory.EnumerateFileSystemEntries(machine.Homes).Any()
        && !Directory.EnumerateFileSystemEntries(Path.Combine(machine.State, "trash")).Any();

    private string Left() => $"records of jobs: {string.Join(", ", _mac.JobRecords().DefaultIfEmpty("none"))}; on the host: {string.Join(", ", machine.Leftovers().DefaultIfEmpty("nothing"))}";

    private async Task UntilAsync(Func<Task<bool>> holds, string what, CancellationToken cancellationToken, Func<string>? otherwise = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Judge.Require(Stopwatch.GetElapsedTime(started) <= patience, $"after {patience.TotalSeconds:0} s it is not so that {what}; {otherwise?.Invoke()}");
            await Task.Delay(Tick, TimeProvider.System, cancellationToken);
        }
    }
}
