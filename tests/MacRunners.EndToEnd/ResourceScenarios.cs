using System.Globalization;
using MacRunners.Simulator.Faults;

namespace MacRunners.EndToEnd;

/// <summary>Disks, inodes and process tables that really are full, and floods of output.</summary>
[Collection(AloneCollection.Name)]
public abstract class ResourceScenarios(string platform)
{
    private const string SmallVolume = "size=400m,nr_inodes=30000";

    // The volume is small, so that filling it is quick.
    private static readonly Dictionary<string, string> SmallDisk = new() { ["Health:MinFreeBytes"] = "20000000", ["Health:MinFreeInodes"] = "5000", ["Jobs:CancelGrace"] = "00:00:03" };

    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("bytes", "head -c 2000000000 /dev/zero > $HOME/filler; head -c 2000000000 /dev/zero > $HOME/rest")]
    [InlineData("inodes", "mkdir $HOME/many; cd $HOME/many; for file in $(seq 40000); do : > $file || break; done 2>/dev/null")]
    public async Task A_job_that_fills_the_disk_ends_and_the_next_one_runs(string what, string fill)
    {
        await using var worker = await Worker.StartAsync(platform, SmallDisk, volume: SmallVolume);

        var id = worker.Queue($"{fill}; echo full; exit 3");
        await worker.UntilAsync(() => worker.Buildkite.ViewJob(id).State == "finished", $"the job that uses up all {what} has ended");

        // Its report may be what found no room; that it is cleaned up shows by the next job and by looking.
        await PassesAsync(worker);
        await worker.IsCleanAsync();
        await worker.UntilAsync(() => File.Exists(Path.Combine(worker.Machine.State, "journal.reserve")), "the journal has its reserve again");
        _ = await worker.HealthIsAsync("healthy");
    }

    [Fact]
    public async Task Who_writes_a_file_beyond_the_limit_is_killed_and_the_job_goes_on()
    {
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string> { ["Agent:MaxFileBytes"] = "1048576" });

        var (job, _) = await worker.RunAsync("""head -c 2000000 /dev/zero >"$HOME/big" || echo "code=$?"; echo "size=$(stat -c %s "$HOME/big")"; ./hello.sh""");

        Assert.Equal(0, job.ExitStatus);
        Assert.Equal($"{128 + 25}", Worker.Value(job, "code"));
        Assert.Equal("1048576", Worker.Value(job, "size"));
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task On_a_disk_that_is_full_no_job_is_taken_until_there_is_room()
    {
        await using var worker = await Worker.StartAsync(platform, SmallDisk, volume: SmallVolume);
        _ = await worker.RunAsync("true");
        using var filler = new Filler(worker);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, await worker.HealthIsAsync("unhealthy"));

        // It asks again, and again does not take it. What it logs about that finds no room either.
        var id = worker.Queue("./hello.sh");
        var before = Polls();
        await worker.UntilAsync(() => Polls() > before + 1, "the daemon has asked for jobs");
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(id).State);
        filler.Dispose();

        Assert.Equal(0, (await worker.EndedAsync(id)).ExitStatus);
        await worker.IsCleanAsync();

        int Polls() => worker.Machine.Buildkite.Requests.All("scheduled-jobs").Length;
    }

    [Fact]
    public async Task A_disk_that_becomes_full_while_a_place_is_prepared_ends_explained_and_clean()
    {
        await using var worker = await Worker.StartAsync(platform, SmallDisk, volume: SmallVolume);
        _ = worker.Machine.Buildkite.Faults.Add(new FaultSpec { Route = "/v3/stacks/*/job-acquisition-tokens", Status = 429, RetryAfter = 1 });
        var id = worker.Queue("./hello.sh");
        await worker.UntilAsync(() => worker.Machine.Buildkite.Requests.All("job-acquisition-tokens").Length > 0, "the account is made");

        using var filler = new Filler(worker);
        worker.Machine.Buildkite.Faults.Clear();
        await worker.UntilAsync(() => worker.Buildkite.ViewJob(id).State == "finished", "the job has ended");
        filler.Dispose();

        var job = worker.Buildkite.ViewJob(id);
        await worker.UntilAsync(() => worker.Machine.Report(id) is not null, "the job has a report");
        var report = worker.Machine.Report(id)!;
        Assert.True(report["clean"]!.GetValue<bool>());
        if (report["outcome"]!.GetValue<string>() == "NotStarted")
        {
            // The agent's token finds no room, or what the agent writes does not: the machine's fault, which is said on the job's page.
            Assert.Equal(-1, job.ExitStatus);
            Assert.Matches("space|before it acquired", report["why"]!.GetValue<string>());
            Assert.Contains(report["why"]!.GetValue<string>(), job.FinishDetail, StringComparison.Ordinal);
        }
        else
        {
            // The journal came first and gave its reserve up, which left room for the agent, and perhaps for what it writes in the home.
            Assert.Equal("Finished", report["outcome"]!.GetValue<string>());
            Assert.Contains(job.ExitStatus, (int?[])[0, -1]);
        }

        await PassesAsync(worker);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_daemon_that_starts_on_a_full_disk_cleans_up_what_it_was_killed_over()
    {
        await using var worker = await Worker.StartAsync(platform, SmallDisk, volume: SmallVolume);
        var id = worker.Queue("head -c 2000000000 /dev/zero > $HOME/filler || head -c 2000000000 /dev/zero > $HOME/rest || sleep 300");
        await worker.UntilAsync(() => new DriveInfo(worker.Machine.Folder).AvailableFreeSpace < 8192, "the disk is full");
        worker.Machine.SignalDaemon("KILL");
        _ = await worker.Machine.WaitForDaemonAsync(Cancel);
        worker.KillAgent(id);

        await worker.Machine.StartDaemonAsync(Cancel);

        await PassesAsync(worker);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_full_process_table_does_not_keep_a_job_alive()
    {
        Assert.SkipUnless(ProcessLimit.IsPossible, $"{ProcessLimit.Root} is missing or read-only, so no process table can be made full here");
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string> { ["Agent:Processes"] = "100000" });
        using var limit = new ProcessLimit();
        limit.Confine(worker.Machine.DaemonPid);

        // Every process forks as long as it can, and comes back when one of them is killed.
        var id = worker.Queue("fork() { while :; do fork & done; }; (fork 2>/dev/null) & sleep 2; exit 0");

        // Without room for a thread the daemon's runtime ends; whoever started it starts it again, and it recovers.
        await worker.UntilAsync(() => worker.Machine.Report(id) is not null || !worker.Machine.IsDaemonRunning, "the job has a report, or the daemon has ended");
        if (!worker.Machine.IsDaemonRunning)
        {
            _ = await worker.Machine.WaitForDaemonAsync(Cancel);
            await worker.Machine.StartDaemonAsync(Cancel);
        }

        _ = await worker.EndedAsync(id);

        // What becomes of the job is its own fault: its agent needs processes too.
        Assert.True(worker.Machine.Report(id)!["clean"]!.GetValue<bool>());

        // The killed count until the system's first process has buried them all.
        await worker.UntilAsync(() => limit.Taken < ProcessLimit.Most / 2, "there is room for processes again");
        await PassesAsync(worker);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_hundred_megabytes_without_a_newline_need_no_memory()
    {
        // With the limit all output flows through the daemon.
        await using var worker = await Worker.StartAsync(platform, new Dictionary<string, string> { ["Jobs:NoOutputTimeout"] = "01:00:00" });

        var (job, _) = await worker.RunAsync("head -c 100000000 /dev/zero | tr '\\0' x");

        Assert.Equal(0, job.ExitStatus);
        Assert.True(job.Log.Length >= 100_000_000);
        Assert.InRange(PeakKilobytes(worker), 1, 200_000);
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task A_minute_of_10_MB_a_second_needs_no_memory_and_no_more_disk_than_allowed()
    {
        const long kept = 20_000_000;
        await using var worker = await Worker.StartAsync(
            platform,
            new Dictionary<string, string> { ["Jobs:NoOutputTimeout"] = "01:00:00", ["Jobs:MaxAgentOutputBytes"] = $"{kept}" },
            buildkite: new() { ClusterTokens = [], LogMaxSizeBytes = 10_000_000 });

        // Buildkite too takes no more than its limit; who prints on is not stopped by either.
        var id = worker.Queue("for tenth in $(seq 600); do head -c 1000000 /dev/zero | tr '\\0' x; echo; sleep 0.1; done; echo over >&2; exit 7");
        await worker.UntilAsync(() => worker.Machine.Report(id) is not null, "the job that prints for a minute has a report", TimeSpan.FromMinutes(5));
        var job = worker.Buildkite.ViewJob(id);

        Assert.Equal(7, job.ExitStatus);
        Assert.True(job.FinishedAt - job.StartedAt >= TimeSpan.FromMinutes(1), $"it printed for {job.FinishedAt - job.StartedAt}");
        Assert.InRange(PeakKilobytes(worker), 1, 200_000);
        Assert.InRange(new FileInfo(Path.Combine(worker.Machine.Logs, "jobs", $"{job.Id}.agent.log")).Length, kept / 2, kept + 1_000_000);
        await worker.IsCleanAsync();
    }

    private static int PeakKilobytes(Worker worker)
    {
        var peak = File.ReadLines($"/proc/{worker.Machine.DaemonPid}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return int.Parse(peak.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static async Task PassesAsync(Worker worker)
    {
        var (job, report) = await worker.RunAsync("./hello.sh");
        Assert.True(job.ExitStatus == 0 && report["clean"]!.GetValue<bool>(), report.ToJsonString());
    }

    /// <summary>A file that takes all room of the machine's volume. Made by root, so even what is set aside for root is gone.</summary>
    private sealed class Filler : IDisposable
    {
        private readonly string _path;

        internal Filler(Worker worker)
        {
            _path = Path.Combine(worker.Machine.Folder, "filler");
            using var file = new FileStream(_path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
            try
            {
                var block = new byte[1024 * 1024];
                while (true)
                {
                    file.Write(block);
                }
            }
            catch (IOException)
            {
                // Full.
            }
        }

        public void Dispose() => File.Delete(_path);
    }

    /// <summary>A control group that limits the number of its processes.</summary>
    private sealed class ProcessLimit : IDisposable
    {
        internal const string Root = "/sys/fs/cgroup/pids";
        internal const int Most = 250;

        private readonly string _group = $"{Root}/macrunners-test-{Guid.NewGuid():N}";

        internal ProcessLimit()
        {
            Directory.CreateDirectory(_group);
            File.WriteAllText(Path.Combine(_group, "pids.max"), $"{Most}");
        }

        /// <summary>Processes and threads, the dead that nobody has buried included.</summary>
        internal int Taken => int.Parse(File.ReadAllText(Path.Combine(_group, "pids.current")), CultureInfo.InvariantCulture);

        internal static bool IsPossible => File.Exists($"{Root}/cgroup.procs");

        internal void Confine(int pid) => File.WriteAllText(Path.Combine(_group, "cgroup.procs"), $"{pid}");

        public void Dispose()
        {
            File.WriteAllText(Path.Combine(_group, "pids.max"), "max");
            foreach (var pid in File.ReadAllLines(Path.Combine(_group, "cgroup.procs")))
            {
                try
                {
                    File.WriteAllText($"{Root}/cgroup.procs", pid);
                }
                catch (IOException)
                {
                    // It has ended meanwhile.
                }
            }

            Directory.Delete(_group);
        }
    }
}

/// <summary>Real accounts of the host.</summary>
public class ResourcesOnLinux() : ResourceScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class ResourcesOnMacOS() : ResourceScenarios("macos");
