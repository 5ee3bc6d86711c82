using System.Globalization;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;

namespace MacRunners.EndToEnd;

/// <summary>Ends of the daemon that no entry of the journal announces: power cuts, and kills at any moment, again and again.</summary>
public abstract class RestartScenarios(string platform)
{
    private const uint Nobody = 65534;
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    // A job whose reservation nobody remembers is in the queue again after this.
    private static readonly Dictionary<string, string> ShortReservation = new()
    {
        ["Buildkite:Reservation"] = "00:00:30",
        ["Jobs:StartDeadline"] = "00:00:15",
    };

    [Fact]
    public async Task After_a_reboot_the_numbers_of_processes_mean_nothing_and_jobs_are_torn_down()
    {
        await using var worker = await Worker.InstallAsync(platform, faulty: true);
        await worker.Machine.StartDaemonAsync(Cancel);
        var job = PatientJob.Queue(worker);
        await job.RunsAsync();
        await worker.UntilAsync(() => worker.Journal().OfType<AgentAcquired>().Any(), "the daemon knows that the agent has the job");
        await worker.KillAsync();

        // The power cut ends the agent; afterwards its number and its start time are those of a process of somebody else.
        worker.KillAgent(job.Id);
        using var foreigner = Foreigner.Start(Nobody);
        var lines = worker.Journal().Select(entry => JournalLine.Write(
            entry is AgentStarted started ? started with { Process = IdentityOf(foreigner) } : entry));
        await File.WriteAllLinesAsync(worker.JournalPath, lines, Cancel);
        await worker.StartFaultyAsync(("FAULT_BOOT_ID", "the-boot-after"));
        _ = await worker.EndedAsync(job.Id);

        Assert.True(foreigner.Lives);
        Assert.DoesNotContain($"Job {job.Id} goes on", worker.Machine.Console, StringComparison.Ordinal);
        var report = worker.Machine.Report(job.Id)!;
        Assert.Equal("Lost", report["outcome"]!.GetValue<string>());
        Assert.True(report["clean"]!.GetValue<bool>());
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_daemon_killed_before_it_wrote_down_a_reservation_gets_the_job_when_that_expires()
    {
        await using var worker = await Worker.InstallAsync(platform, ShortReservation, faulty: true);
        var job = PatientJob.Queue(worker);
        job.Release();
        await worker.StartFaultyAsync(("FAULT_CRASH", "before:jobReserved:1"));
        await worker.KilledAsync();
        Assert.Equal("reserved", worker.Buildkite.ViewJob(job.Id).State);

        await worker.Machine.StartDaemonAsync(Cancel);

        await job.PassedOnceAsync();
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task Whenever_the_daemon_is_killed_every_job_ends_right()
    {
        var seed = TestSeed.Of("RESTART_SEED");
        var random = new Random(seed);
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string>(ShortReservation)
        {
            ["Jobs:Slots"] = "2",
            ["Buildkite:PollInterval"] = "00:00:00.2",
        });
        var jobs = Enumerable.Range(0, 8).Select(_ => PatientJob.Queue(worker)).ToList();
        jobs.ForEach(job => job.Release());

        for (var kill = 0; kill < 5; kill++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2000)), TimeProvider.System, Cancel);
            await worker.KillAsync();
            await worker.Machine.StartDaemonAsync(Cancel);
        }

        foreach (var job in jobs)
        {
            await worker.UntilAsync(
                () => worker.Buildkite.ViewJob(job.Id).State == "finished" && worker.Machine.Report(job.Id) is { } report && !IsToComeBack(report),
                $"job {job.Id} has ended (RESTART_SEED={seed})");
            if (worker.Buildkite.ViewJob(job.Id).ExitStatus == 0)
            {
                await job.PassedOnceAsync();
            }
            else
            {
                // Interrupted twice before an agent had it.
                Assert.Equal("NotStarted", worker.Machine.Report(job.Id)!["outcome"]!.GetValue<string>());
                Assert.Empty(job.Trace);
            }
        }

        await worker.UntilAsync(() => worker.OpenJobs().Count == 0, "no job is open in the journal");
        await worker.IsCleanAsync();
    }

    // What is back in the queue is reported so, and then once more when it has run.
    private static bool IsToComeBack(System.Text.Json.Nodes.JsonNode report) => report["outcome"]!.GetValue<string>() == "TakenElsewhere";

    private ProcessIdentity IdentityOf(Foreigner process)
    {
        var ticks = ulong.Parse(
            File.ReadAllText($"/proc/{process.Pid}/stat").Split(") ")[^1].Split(' ')[19], CultureInfo.InvariantCulture);
        if (platform == "linux")
        {
            return new ProcessIdentity(process.Pid, ticks);
        }

        // As the emulator reckons it: microseconds since 1970.
        const ulong ticksPerSecond = 100;
        var boot = ulong.Parse(File.ReadLines("/proc/stat").First(line => line.StartsWith("btime ", StringComparison.Ordinal))[6..], CultureInfo.InvariantCulture);
        return new ProcessIdentity(process.Pid, (boot * 1_000_000) + (ticks * 1_000_000 / ticksPerSecond));
    }
}

/// <summary>Real accounts of the host.</summary>
public class RestartOnLinux() : RestartScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class RestartOnMacOS() : RestartScenarios("macos");
