using MacRunners.FaultyDaemon;
using MacRunners.Jobs.Journal;

namespace MacRunners.EndToEnd;

/// <summary>
/// SIGKILL on both sides of every journal entry of a job's life: whatever the daemon had just done or was about to do, the next start
/// brings the job to its end, and the machine is clean.
/// </summary>
public abstract class CrashMatrix(CrashBench bench, string platform)
{
    /// <summary>The entries of a job's life, in their order.</summary>
    private static readonly string[] Life =
    [
        "jobReserved",
        "accountCreating",
        "accountCreated",
        "agentStarting",
        "agentStarted",
        "agentEnded",
        "stepStarting", // Processes are killed.
        "stepDone",
        "stepStarting", // Files are swept.
        "stepDone",
        "stepStarting", // The account is deleted.
        "stepDone",
        "stepStarting", // All of it is proven.
        "stepDone",
    ];

    /// <summary>The other kinds, and why no job of the matrix writes them.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["header"] = "is not appended: it comes with a whole new file, which is swapped in",
        ["numberTaken"] = "needs a foreign account within the range of numbers, see A_daemon_killed_beside_a_foreign_number_touches_nobody",
        ["machineDirty"] = "needs a machine that cannot be cleaned, see DirtyMachine",
        ["machineClean"] = "likewise",
    };

    /// <summary>Both sides of every entry.</summary>
    public static TheoryData<string> Points { get; } =
    [
        .. Life.SelectMany((kind, index) => ((JournalMoment[])[JournalMoment.Before, JournalMoment.After])
            .Select(moment => new JournalPoint(moment, kind, Life.Take(index + 1).Count(earlier => earlier == kind)).ToString())),
    ];

    [Fact]
    public void Every_kind_of_entry_has_its_points_or_a_reason_to_have_none() =>
        Assert.Equal(JournalPoint.Kinds.Order(), Life.Distinct().Concat(Elsewhere.Keys).Order());

    [Fact]
    public Task The_points_are_those_of_a_real_job() => bench.UseAsync(platform, async worker =>
    {
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        var (job, _) = await worker.RunAsync("true");

        Assert.Equal(
            Life, worker.Journal().OfType<JobEntry>().Where(entry => entry.Job == Guid.Parse(job.Id)).Select(JournalPoint.KindOf));
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
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        Assert.Empty(worker.OpenJobs());
        await worker.IsCleanAsync();
    });

    // Whether the daemon only gets there when the job has ended.
    private static bool IsOverBefore(JournalPoint point) => Array.IndexOf(Life, point.Kind) >= Array.IndexOf(Life, "agentEnded");
}

/// <summary>Real accounts of the host.</summary>
public class CrashMatrixOnLinux(CrashBench bench) : CrashMatrix(bench, "linux"), IClassFixture<CrashBench>;

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class CrashMatrixOnMacOS(CrashBench bench) : CrashMatrix(bench, "macos"), IClassFixture<CrashBench>;
