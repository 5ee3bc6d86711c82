using MacRunners.FaultyDaemon;
using MacRunners.Jobs.Journal;

namespace MacRunners.EndToEnd;

/// <summary>
/// SIGKILL on both sides of every journal entry of a job's life: whatever the daemon had just done or was about to do, the next start
/// brings the job to its end, and the machine is clean.
/// </summary>
public abstract class CrashMatrix(TestBench bench, string platform)
{
    /// <summary>Part of points' names, or <c>all</c>: which ones are run instead of the usual choice.</summary>
    private const string Choice = "CRASH_POINTS";

    /// <summary>The entries of a job's life, in their order.</summary>
    private static readonly string[] Life =
    [
        "jobReserved",
        "accountCreating",
        "accountCreated",
        "agentStarting",
        "agentStarted",
        "agentAcquired",
        "agentEnded",
        "stepStarting", // Processes are killed.
        "stepDone",
        "stepStarting", // Files are swept.
        "stepDone",
        "stepStarting", // The account is deleted.
        "stepDone",
        "stepStarting", // All of it is proven.
        "stepDone",
        "jobSettled",
    ];

    /// <summary>The other kinds, and why a job that nothing happens to does not write them.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["header"] = "is not appended: it comes with a whole new file, which is swapped in",
        ["numberTaken"] = "is written only when somebody takes the number between the look and the claim; what follows from it needs no daemon to be seen",
        ["agentEnding"] = nameof(A_daemon_killed_while_it_makes_an_agent_end_knows_what_it_was_doing),
        ["machineDirty"] = nameof(DirtyMachine.A_daemon_killed_when_its_machine_becomes_dirty_finds_that_out_again),
        ["machineClean"] = nameof(DirtyMachine.A_daemon_killed_when_its_machine_is_proven_clean_proves_it_again_or_need_not),
    };

    /// <summary>
    /// Both sides of every entry but the first: before that only Buildkite knows that the job is reserved for this machine, see
    /// <see cref="RestartScenarios.A_daemon_killed_before_it_wrote_down_a_reservation_gets_the_job_when_that_expires"/>.
    /// </summary>
    private static readonly string[] AllPoints =
    [
        .. Life.SelectMany((kind, index) => ((JournalMoment[])[JournalMoment.Before, JournalMoment.After])
            .Select(moment => new JournalPoint(moment, false, kind, Life.Take(index + 1).Count(earlier => earlier == kind)).ToString()))
            .Skip(1),
    ];

    /// <summary>The points that are run: usually half of them, another half each time; see <see cref="Choice"/>.</summary>
    public static TheoryData<string> Points { get; } = [.. Environment.GetEnvironmentVariable(Choice) switch
    {
        null or "" => Half(),
        "all" => AllPoints,
        var part => AllPoints.Where(point => point.Contains(part, StringComparison.Ordinal)),
    }];

    [Fact]
    public void Every_kind_of_entry_has_its_points_or_a_reason_to_have_none() =>
        Assert.Equal(JournalPoint.Kinds.Order(), Life.Distinct().Concat(Elsewhere.Keys).Order());

    [Fact]
    public Task The_points_are_those_of_a_real_job() => bench.UseAsync(platform, async worker =>
    {
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        var job = PatientJob.Queue(worker);
        await worker.UntilAsync(() => worker.Journal().OfType<AgentAcquired>().Any(), "the daemon knows that the agent has the job");
        job.Release();
        await job.PassedOnceAsync();

        await IsAsBeforeAsync(worker);
        Assert.Equal(Life, worker.Journal().OfType<JobEntry>().Where(entry => entry.Job == Guid.Parse(job.Id)).Select(JournalPoint.KindOf));
    });

    [Theory]
    [MemberData(nameof(Points))]
    public Task A_daemon_killed_at_this_point_has_lost_nothing_when_it_starts_again(string point) => bench.UseAsync(platform, async worker =>
    {
        var job = PatientJob.Queue(worker);
        if (IsOverBefore(JournalPoint.Parse(point)))
        {
            job.Release();
        }

        await worker.StartFaultyAsync(("FAULT_CRASH", point));
        await worker.KilledAsync();
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        job.Release();

        await job.PassedOnceAsync();
        await IsAsBeforeAsync(worker);
    });

    [Theory]
    [InlineData("before:agentEnding:1")]
    [InlineData("after:agentEnding:1")]
    public Task A_daemon_killed_while_it_makes_an_agent_end_knows_what_it_was_doing(string point) => bench.UseAsync(platform, async worker =>
    {
        await worker.StartFaultyAsync(("FAULT_CRASH", point));
        var job = PatientJob.Queue(worker);
        await job.RunsAsync();
        worker.Machine.SignalDaemon("TERM");
        await worker.LoggedAsync("no further job is taken");
        worker.Machine.SignalDaemon("TERM");
        await worker.KilledAsync();

        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        await worker.LoggedAsync($"Job {job.Id} goes on");
        job.Release();
        var ended = await worker.EndedAsync(job.Id);

        // Nobody asked the agent yet, so the job itself passes; but the daemon that comes back goes on with what it wrote down.
        Assert.Equal(0, ended.ExitStatus);
        Assert.Equal(
            JournalPoint.Parse(point).Moment == JournalMoment.Before ? "Finished" : "Stopped",
            worker.Machine.Report(job.Id)!["outcome"]!.GetValue<string>());
        await IsAsBeforeAsync(worker);
    });

    [Fact]
    public Task A_number_of_somebody_elses_is_left_alone() => bench.UseAsync(platform, async worker =>
    {
        // The next number is the self-test's.
        using var foreigner = Foreigner.Start(Math.Max(worker.NextUid(), worker.Machine.Uids.First) + 1);
        var job = PatientJob.Queue(worker);
        job.Release();

        await worker.StartFaultyAsync(("FAULT_CRASH", "after:accountCreating:1"));
        await worker.KilledAsync();
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);

        await job.PassedOnceAsync();
        Assert.True(foreigner.Lives);
        Assert.NotEqual(foreigner.Uid, Worker.Number(worker.Machine.Report(job.Id)!["uid"]));
        foreigner.End();
        await IsAsBeforeAsync(worker);
    });

    [Theory]
    [InlineData("before:selfTest.accountCreating:1")]
    [InlineData("after:selfTest.accountCreating:1")]
    [InlineData("after:selfTest.accountCreated:1")]
    [InlineData("before:selfTest.stepDone:2")]
    [InlineData("after:selfTest.stepStarting:4")]
    [InlineData("before:selfTest.stepDone:4")]
    public Task A_daemon_killed_while_it_tests_itself_clears_up_after_the_test(string point) => bench.UseAsync(platform, async worker =>
    {
        await worker.StartFaultyAsync(("FAULT_CRASH", point));
        await worker.KilledAsync();
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);

        await IsAsBeforeAsync(worker);
    });

    // In their order, so that a failure reads as a place in a job's life.
    private static IEnumerable<string> Half()
    {
        var points = AllPoints.ToArray();
        new Random(TestSeed.Of("CRASH_SEED")).Shuffle(points);
        return points.Take(points.Length / 2).OrderBy(point => Array.IndexOf(AllPoints, point));
    }

    private static async Task IsAsBeforeAsync(Worker worker)
    {
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.UntilAsync(() => worker.OpenJobs().Count == 0, "no job is open in the journal");
        await worker.IsCleanAsync();
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));
    }

    // Whether the daemon only gets there when the job has ended.
    private static bool IsOverBefore(JournalPoint point) => Array.IndexOf(Life, point.Kind) >= Array.IndexOf(Life, "agentEnded");
}

/// <summary>Real accounts of the host.</summary>
public class CrashMatrixOnLinux(TestBench bench) : CrashMatrix(bench, "linux"), IClassFixture<TestBench>;

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class CrashMatrixOnMacOS(TestBench bench) : CrashMatrix(bench, "macos"), IClassFixture<TestBench>;
