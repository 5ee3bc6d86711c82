using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using MacRunners.Simulator.Messages;
using MacRunners.Simulator.State;
using MacRunners.Simulator.Trial;

namespace MacRunners.Simulator.Soak;

/// <summary>Runs many mixed jobs on a trial machine while things go wrong, and looks whether anything accumulates.</summary>
internal sealed class SoakRun(SoakOptions options, TextWriter output)
{
    private const string WarmUp = "./hello.sh";
    private const int ShownFaults = 20;
    private const int ShownLines = 40;
    private const int DescriptorAllowance = 4;

    // Logs and reports of the jobs.
    private const long DiskAllowance = 1L << 30;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(5);

    // Longer than any job, its reservation and what delays it may take together.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly SoakPlan _plan = SoakPlan.Create(options.Jobs, options.Seed);
    private readonly SoakSeries _series = new();
    private readonly List<string> _faults = [];
    private readonly List<(SoakJob Job, string Id)> _open = [];
    private readonly HashSet<string> _cancelled = [];
    private readonly Dictionary<string, int> _ended = [];
    private readonly HashSet<uint> _uids = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _kills;
    private int _apiFaults;

    private int EndedCount => _ended.Values.Sum();

    /// <summary>Runs it.</summary>
    /// <returns>Whether everything went as it should.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await using var machine = await TrialMachine.CreateAsync(options.Trial with { Settings = Settings() }, cancellationToken);
        await output.WriteLineAsync($"""
            MacRunners soak on {(options.Trial.Emulator is null ? "native Linux accounts" : "the macOS code over the emulator")}
              {options.Jobs} jobs, {options.Slots} slots, seed {options.Seed} (the same seed chooses the same jobs, faults and kills)
              folder  {machine.Folder}
              fence   {machine.Fence}

            """);
        await machine.StartDaemonAsync(cancellationToken);
        var before = await BecomeQuietAsync(machine, cancellationToken);
        var disk = await DiskAsync(machine, cancellationToken);
        await WorkAsync(machine, cancellationToken);
        await CheckQuietAsync(machine, before, cancellationToken);
        disk = await DiskAsync(machine, cancellationToken) - disk;
        Expect(disk <= DiskAllowance, $"the machine's folder has grown by {disk >> 20} MiB, {DiskAllowance >> 20} MiB are granted");
        var exitCode = await machine.StopDaemonAsync(cancellationToken);
        Expect(exitCode == 0, $"the daemon ended with {exitCode} after SIGTERM");
        _faults.AddRange(machine.Leftovers().Select(left => $"left on the machine: {left}"));
        _faults.AddRange(_series.Growth());
        await ShowAsync(machine);
        return _faults.Count == 0;
    }

    // Not by the free disk, on which others write, too; and without what is mounted in it.
    private static async Task<long> DiskAsync(TrialMachine machine, CancellationToken cancellationToken)
    {
        using var du = Process.Start(new ProcessStartInfo("/usr/bin/du", ["-sx", "-B1", "--", machine.Folder]) { RedirectStandardOutput = true })!;
        var output = await du.StandardOutput.ReadToEndAsync(cancellationToken);
        await du.WaitForExitAsync(cancellationToken);
        return long.Parse(output.Split('\t')[0], CultureInfo.InvariantCulture);
    }

    private Dictionary<string, string> Settings() => new(options.Trial.Settings)
    {
        ["Jobs:Slots"] = $"{options.Slots}",
        ["Jobs:Timeout"] = "00:00:30",
        ["Jobs:StartDeadline"] = "00:00:40",
        ["Jobs:CancelGrace"] = "00:00:03",
        ["Jobs:UploadGrace"] = "00:00:10",
        ["Buildkite:Reservation"] = "00:01:20",
        ["Buildkite:RequestTimeout"] = "00:00:10",
    };

    /// <summary>One job that loads what is loaded on demand, then a look at the machine without any.</summary>
    private static async Task<SoakFigures> BecomeQuietAsync(TrialMachine machine, CancellationToken cancellationToken)
    {
        var id = machine.Buildkite.Cluster.AddJob(new JobSpec { Command = WarmUp });
        await UntilAsync(() => machine.Report(id) is not null && IsQuiet(machine), cancellationToken);
        return SoakFigures.Of(machine);
    }

    private static bool IsQuiet(TrialMachine machine) =>
        SoakFigures.Of(machine) is { Accounts: 0, Groups: 0, Processes: 0, Files: 0, Mounts: 0, Objects: 0, TrashEntries: 0 }
        && !Directory.EnumerateFileSystemEntries(machine.Homes).Any()
        && !Directory.EnumerateFileSystemEntries(Path.Combine(machine.Folder, "run", "output")).Any();

    /// <returns>Whether it came true in time.</returns>
    private static async Task<bool> UntilAsync(Func<bool> holds, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                return false;
            }

            await Task.Delay(Tick, TimeProvider.System, cancellationToken);
        }

        return true;
    }

    private async Task WorkAsync(TrialMachine machine, CancellationToken cancellationToken)
    {
        var jobs = new Queue<SoakJob>(_plan.Jobs);
        var disturbances = new Queue<SoakDisturbance>(_plan.Disturbances);
        var (lastEnd, lastLook, lastReport) = (Stopwatch.GetTimestamp(), 0L, 0L);
        while (_open.Count > 0 || jobs.Count > 0)
        {
            // A short queue, so that a slot never waits for this loop.
            while (_open.Count < 2 * options.Slots && jobs.TryDequeue(out var job))
            {
                _open.Add((job, machine.Buildkite.Cluster.AddJob(new JobSpec { Command = job.Kind.Command(job.Number) })));
            }

            if (Follow(machine) > 0)
            {
                lastEnd = Stopwatch.GetTimestamp();
            }

            if (disturbances.TryPeek(out var next) && EndedCount >= next.AfterJobs)
            {
                await DisturbAsync(machine, disturbances.Dequeue(), cancellationToken);
            }

            if (Stopwatch.GetElapsedTime(lastLook) > LookInterval)
            {
                lastLook = Stopwatch.GetTimestamp();
                _series.Add(SoakFigures.Of(machine));
            }

            if (Stopwatch.GetElapsedTime(lastReport) > ReportInterval)
            {
                lastReport = Stopwatch.GetTimestamp();
                await output.WriteLineAsync(Progress());
            }

            if (Stopwatch.GetElapsedTime(lastEnd) > Patience)
            {
                _faults.AddRange(_open.Select(job => $"'{job.Job.Kind.Name}' does not end: {Describe(machine.Buildkite.Cluster.ViewJob(job.Id), machine.Report(job.Id))}"));
                return;
            }

            await Task.Delay(Tick, TimeProvider.System, cancellationToken);
        }

        await output.WriteLineAsync(Progress());
    }

    /// <summary>Cancels what is to be cancelled, and checks what has ended.</summary>
    /// <returns>How many jobs have ended.</returns>
    private int Follow(TrialMachine machine) => _open.RemoveAll(open =>
    {
        var (job, id) = open;
        var view = machine.Buildkite.Cluster.ViewJob(id);
        if (job.Kind.CancelWhenRunning && view.State == "running" && _cancelled.Add(id))
        {
            _ = machine.Buildkite.Cluster.Cancel(id);
        }

        // A job that went back to the queue is taken again: that is not its end.
        if (view.State is not ("finished" or "canceled" or "timed_out") || machine.Report(id) is not { } report || Outcome(report) == "TakenElsewhere")
        {
            return false;
        }

        _ended[job.Kind.Name] = _ended.GetValueOrDefault(job.Kind.Name) + 1;
        Check(job, view, report);
        if (report["uid"]?.GetValue<uint>() is { } uid)
        {
            Expect(uid >= machine.Uids.First && uid <= machine.Uids.Last, $"'{job.Kind.Name}' had the number {uid}, which is not of the range");
            Expect(_uids.Add(uid), $"'{job.Kind.Name}' had the number {uid}, which an earlier job had");
        }

        return true;
    });

    private void Check(SoakJob job, JobView view, JsonNode report)
    {
        var kind = job.Kind;

        // What the daemon would have done to the job it could not do while it was not running.
        var isInterrupted = Outcome(report) == "Finished" && report["why"]?.GetValue<string>().Contains("while macrunners was not running", StringComparison.Ordinal) == true;
        var isAsDemanded = view.State == kind.State
            && (Outcome(report) == kind.Outcome || (_kills > 0 && isInterrupted))
            && (kind.ExitStatus(job.Number) is { } expected ? view.ExitStatus == expected : view.ExitStatus is not (null or 0));
        Expect(isAsDemanded, $"'{kind.Name}' ended wrongly: {Describe(view, report)}");
        Expect(report["clean"]?.GetValue<bool>() == true, $"'{kind.Name}' left the machine dirty: {Describe(view, report)}");
        Expect(view.LogComplete, $"the log of '{kind.Name}' has gaps: {Describe(view, report)}");
    }

    private static string? Outcome(JsonNode report) => report["outcome"]?.GetValue<string>();

    private static string Describe(JobView view, JsonNode? report) =>
        $"job {view.Id} is {view.State} with exit status {view.ExitStatus?.ToString() ?? "none"} at Buildkite, the daemon reports {report?.ToJsonString() ?? "nothing"}";

    private async Task DisturbAsync(TrialMachine machine, SoakDisturbance disturbance, CancellationToken cancellationToken)
    {
        if (disturbance.Fault is { } fault)
        {
            _apiFaults++;
            _ = machine.Buildkite.Faults.Add(fault);
            return;
        }

        await Task.Delay(disturbance.Delay, TimeProvider.System, cancellationToken);
        _kills++;
        machine.SignalDaemon("KILL");
        _ = await machine.WaitForDaemonAsync(cancellationToken);
        await machine.StartDaemonAsync(cancellationToken);
    }

    private async Task CheckQuietAsync(TrialMachine machine, SoakFigures before, CancellationToken cancellationToken)
    {
        machine.Buildkite.Faults.Clear();
        var isAsBefore = await UntilAsync(() => IsQuiet(machine) && SoakFigures.Of(machine).Descriptors <= before.Descriptors + DescriptorAllowance, cancellationToken);
        var now = SoakFigures.Of(machine);
        _series.Add(now);
        Expect(isAsBefore, $"the machine without jobs is not as it was before the first one: {before} then, {now} now");
        Expect(
            !(await File.ReadAllTextAsync(machine.ConsoleLog, cancellationToken)).Contains("so that it is started afresh", StringComparison.Ordinal),
            "the daemon gave up by itself");
    }

    private string Progress() =>
        $"{Stopwatch.GetElapsedTime(_started).TotalSeconds,6:0} s  {EndedCount}/{options.Jobs} jobs, {_apiFaults} faults, {_kills} kills; {_series.Present}";

    private async Task ShowAsync(TrialMachine machine)
    {
        await output.WriteLineAsync($"\n{"jobs",-34}{"ended",6}");
        foreach (var kind in SoakKind.All)
        {
            await output.WriteLineAsync($"  {kind.Name,-32}{_ended.GetValueOrDefault(kind.Name),6}");
        }

        await output.WriteLineAsync($"\n{string.Join('\n', _series.Table())}\n\n{_uids.Count} numbers of users, each given once");
        if (_faults.Count > 0)
        {
            await output.WriteLineAsync($"\nNot as it should be ({_faults.Count}):\n{string.Join('\n', _faults.Take(ShownFaults).Select(fault => $"  - {fault}"))}\n\nThe daemon's last lines:");
            await output.WriteLineAsync(string.Join('\n', File.ReadLines(machine.ConsoleLog).TakeLast(ShownLines)));
        }
    }

    private void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            _faults.Add(otherwise);
        }
    }
}
