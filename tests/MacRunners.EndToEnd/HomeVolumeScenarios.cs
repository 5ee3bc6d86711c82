using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using MacRunners.Accounts;
using MacRunners.MacEmulator.Faults;

namespace MacRunners.EndToEnd;

/// <summary>Homes that are APFS volumes of their own: whatever happens to job and daemon, no volume stays, or the machine says so.</summary>
[Trait("platform", "macos")]
public partial class HomeVolumeScenarios(VolumeBench bench) : IClassFixture<VolumeBench>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_job_that_fills_its_home_and_keeps_it_in_use_leaves_nothing_and_the_next_one_begins_anew() => UseAsync(async worker =>
    {
        await worker.Machine.StartDaemonAsync(Cancel);
        var (job, report) = await worker.RunAsync("""
            cat /dev/zero >"$HOME/filler" 2>/dev/null || true
            echo "filled=$(stat -c %s "$HOME/filler")"
            truncate -s -4M "$HOME/filler"
            mkdir -p "$HOME/closed/in" && chmod 000 "$HOME/closed"
            cd "$HOME/workspace" && (trap '' HUP INT TERM; exec setsid sleep 1000 <"$HOME/filler" >"$HOME/open" 2>&1) &
            until [ -e "$HOME/open" ]; do sleep 0.01; done
            """);

        Assert.Equal(0, job.ExitStatus);
        Assert.InRange(long.Parse(Worker.Value(job, "filled"), System.Globalization.CultureInfo.InvariantCulture), VolumeBench.Quota / 2, VolumeBench.Quota);
        Assert.True(report["clean"]!.GetValue<bool>(), report.ToJsonString());
        Assert.DoesNotContain(report["found"]!.AsArray(), found => found!["kind"]!.GetValue<string>() == "Mount");
        Assert.Empty(await JobVolumesAsync(worker));

        var (next, _) = await worker.RunAsync("""
            echo "found=$(cd "$HOME" && ls -A | tr '\n' ' ')"
            echo "mounted=$(stat -c %m "$HOME")"
            echo "options=$(grep " $HOME " /proc/self/mounts)"
            """);

        Assert.DoesNotContain("filler", Worker.Value(next, "found"));
        Assert.Matches("/bk-[0-9a-f-]{36}$", Worker.Value(next, "mounted"));
        Assert.Contains("nosuid,nodev", Worker.Value(next, "options"));
    });

    [Fact]
    public Task Mounts_in_the_home_are_unmounted_and_told() => UseAsync(async worker =>
    {
        await worker.Machine.StartDaemonAsync(Cancel);
        var job = PatientJob.Queue(worker);
        await job.RunsAsync();
        var mounted = Path.Combine(AccountOf(worker, job.Id).Home, JobHome.Caches, "mounted");
        await ShellAsync("mkdir \"$1\" && mount -t tmpfs none \"$1\" && mkdir \"$1/in\" && mount --bind /etc \"$1/in\"", mounted);

        job.Release();

        await job.PassedOnceAsync();
        Assert.Equal(
            [$"{mounted}/in", mounted],
            worker.Machine.Report(job.Id)!["found"]!.AsArray().Where(found => found!["kind"]!.GetValue<string>() == "Mount").Select(found => found!["detail"]!.GetValue<string>()));
        Assert.True(File.Exists("/etc/passwd"));
    });

    [Theory]
    [InlineData("after:accountCreating:1")]
    [InlineData("before:accountCreated:1")]
    [InlineData("after:accountCreated:1")]
    [InlineData("after:stepStarting:2")]
    [InlineData("before:stepDone:2")]
    [InlineData("after:stepStarting:4")]
    public Task A_daemon_killed_at_this_point_leaves_no_volume(string point) => UseAsync(async worker =>
    {
        var job = PatientJob.Queue(worker);
        if (point.Contains("step", StringComparison.Ordinal))
        {
            job.Release();
        }

        await worker.StartFaultyAsync(("FAULT_CRASH", point));
        await worker.KilledAsync();
        await worker.Machine.StartDaemonAsync(Cancel);
        job.Release();

        await job.PassedOnceAsync();
    });

    [Fact]
    public Task A_daemon_killed_between_adding_a_volume_and_mounting_it_leaves_none() => UseAsync(async worker =>
    {
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.ReadyAsync();
        using var slow = new Slow(worker, "mount");
        var job = PatientJob.Queue(worker);
        await UntilThereAreVolumesAsync(worker);

        await worker.KillAsync();
        Assert.DoesNotContain(worker.Machine.Leftovers(), left => left.StartsWith("mount ", StringComparison.Ordinal));
        await worker.Machine.StartDaemonAsync(Cancel);
        job.Release();

        await job.PassedOnceAsync();
    });

    [Fact]
    public Task A_daemon_killed_while_it_deletes_a_volume_leaves_none() => UseAsync(async worker =>
    {
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.ReadyAsync();
        var job = PatientJob.Queue(worker);
        await job.RunsAsync();
        using var slow = new Slow(worker, "deleteVolume");
        job.Release();
        await worker.UntilAsync(() => !worker.Machine.Leftovers().Any(left => left.StartsWith("mount ", StringComparison.Ordinal)), "the home is unmounted");
        Assert.Single(await JobVolumesAsync(worker));

        await worker.KillAsync();
        await worker.Machine.StartDaemonAsync(Cancel);

        await job.PassedOnceAsync();
    });

    [Fact]
    public Task A_job_that_outlives_the_daemon_goes_on_in_its_home() => UseAsync(async worker =>
    {
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.ReadyAsync();
        var gate = Path.Combine(worker.Machine.Folder, $"gate-{Guid.NewGuid():N}");
        var id = worker.Queue($"echo kept >\"$HOME/file\"; echo begins; until [ -e {gate} ]; do sleep 0.05; done; cat \"$HOME/file\"");
        await worker.PrintsAsync(id, "begins");
        var volume = Assert.Single(await JobVolumesAsync(worker));

        await worker.KillAsync();
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.LoggedAsync($"Job {id} goes on");
        Assert.Equal([volume], await JobVolumesAsync(worker));
        await File.WriteAllTextAsync(gate, "", Cancel);

        Assert.Equal(0, (await worker.EndedAsync(id)).ExitStatus);
        Assert.Contains("kept", Worker.Printed(worker.Buildkite.ViewJob(id)));
        Assert.True(worker.Machine.Report(id)!["clean"]!.GetValue<bool>());
    });

    [Fact]
    public Task After_a_restart_of_the_machine_a_volume_that_the_system_mounted_elsewhere_goes_too() => UseAsync(async worker =>
    {
        var (exitCode, made) = await Operator.AskAsync(worker, "account", "create");
        Assert.Equal(0, exitCode);
        var volume = Assert.Single(await JobVolumesAsync(worker));
        Assert.Equal(made["name"]!.GetValue<string>(), volume);
        await DiskutilAsync(worker, "unmount", volume);
        await DiskutilAsync(worker, "mount", volume);
        var elsewhere = $"{worker.Machine.EmulatorRoot}/Volumes/{volume}";
        Assert.True(Directory.Exists(Path.Combine(elsewhere, JobHome.Workspace)));

        await worker.StartFaultyAsync(("FAULT_BOOT_ID", $"{Guid.NewGuid()}"));
        await worker.ReadyAsync();

        Assert.False(Path.Exists(elsewhere));
    });

    [Fact]
    public Task A_volume_that_is_busy_for_a_while_is_waited_for_and_one_that_stays_makes_the_machine_dirty_until_a_sweep() => UseAsync(async worker =>
    {
        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.ReadyAsync();
        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Add(new FaultRule { Tool = "diskutil", DeleteVolumeBusy = 3 });
        Assert.True((await worker.RunAsync("true")).Report["clean"]!.GetValue<bool>());

        control.Inject(new FaultRule { Tool = "diskutil", DeleteVolumeBusy = 1000 });
        var (job, report) = await worker.RunAsync("true");

        Assert.Equal(0, job.ExitStatus);
        Assert.False(report["clean"]!.GetValue<bool>());
        Assert.Contains(report["remaining"]!.AsArray(), residue => residue!["detail"]!.GetValue<string>().Contains("could not be deleted in 10 attempts", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await worker.HealthIsAsync("unhealthy"));
        Assert.Single(await JobVolumesAsync(worker));

        control.Clear();
        var swept = await worker.MacrunnersAsync("sweep");
        Assert.True(swept.ExitCode == 0, swept.Error);
    });

    [Fact]
    public Task Doctor_says_whether_the_disk_takes_volumes_and_what_to_do_when_it_does_not() => UseAsync(async worker =>
    {
        var (_, report) = await Operator.AskAsync(worker, "doctor");
        foreach (var check in (string[])["homes", "probe"])
        {
            Assert.True(Operator.Findings(report, check).TrueForAll(finding => finding["status"]!.GetValue<string>() == "ok"), report.ToJsonString());
        }

        Assert.Contains("container disk3 of", Assert.Single(Operator.Findings(report, "homes"))["what"]!.GetValue<string>(), StringComparison.Ordinal);

        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Inject(new FaultRule { Tool = "diskutil", Verb = "list", Sigkill = 1000 });
        (var exitCode, report) = await Operator.AskAsync(worker, "doctor", "--no-probe");
        control.Clear();

        Assert.Equal(1, exitCode);
        var finding = Assert.Single(Operator.Findings(report, "homes"));
        Assert.Equal("failed", finding["status"]!.GetValue<string>());
        Assert.Contains("diskutil apfs list -plist disk3 failed", finding["what"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("leave Accounts:Home out", finding["remedy"]!.GetValue<string>(), StringComparison.Ordinal);
        await worker.Machine.StartDaemonAsync(Cancel);
    });

    // Behind each test a job passes, and nothing is left: no mount, no volume.
    private Task UseAsync(Func<Worker, Task> test) => bench.UseAsync("macos", async worker =>
    {
        await test(worker);
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.UntilAsync(() => worker.OpenJobs().Count == 0, "no job is open in the journal");
        await worker.IsCleanAsync();
        Assert.Empty(await JobVolumesAsync(worker));
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(Cancel));
    });

    private static JobAccount AccountOf(Worker worker, string job) => Assert.Single(worker.OpenJobs(), life => life.Job == Guid.Parse(job)).Account!;

    private static Task UntilThereAreVolumesAsync(Worker worker) =>
        worker.UntilAsync(async () => (await JobVolumesAsync(worker)).Count > 0, "there is a volume", TimeSpan.FromMinutes(1));

    private static async Task<IReadOnlyList<string>> JobVolumesAsync(Worker worker) =>
        [.. JobVolume().Matches(await DiskutilAsync(worker, "apfs", "list", "-plist")).Select(match => match.Groups[1].Value)];

    private static Task<string> DiskutilAsync(Worker worker, params string[] arguments) => RunAsync($"{worker.Machine.EmulatorRoot}/usr/sbin/diskutil", arguments);

    private static Task<string> ShellAsync(string script, string argument) => RunAsync("/bin/sh", ["-c", script, "sh", argument]);

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    [GeneratedRegex("<string>(bk-[0-9a-f-]+)</string>")]
    private static partial Regex JobVolume();

    /// <summary>A verb of diskutil that takes its time, and goes on when the daemon is killed.</summary>
    private sealed class Slow : IDisposable
    {
        private readonly EmulatorControl _control;

        public Slow(Worker worker, string verb)
        {
            _control = new EmulatorControl(worker.Machine.EmulatorRoot);
            _control.Inject(new FaultRule { Tool = "diskutil", Verb = verb, DelayMs = 3000 });
        }

        public void Dispose() => _control.Clear();
    }
}

/// <summary>A machine on which homes are volumes; no daemon runs before a test, and none must behind it.</summary>
public sealed class VolumeBench : SharedWorker
{
    /// <summary>What a home may grow to.</summary>
    public const long Quota = 64 * 1024 * 1024;

    private protected override Task<Worker> MakeAsync(string platform) => Worker.InstallAsync(
        platform,
        new Dictionary<string, string>
        {
            ["Buildkite:PollInterval"] = "00:00:00.2",
            ["Jobs:StateCheckInterval"] = "00:00:00.3",
            ["Accounts:Home"] = "volume",
            ["Accounts:HomeQuotaBytes"] = $"{Quota}",
        },
        faulty: true);
}
