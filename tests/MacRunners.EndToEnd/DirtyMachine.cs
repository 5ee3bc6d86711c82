using System.Diagnostics;
using System.Net;
using MacRunners.MacEmulator.Faults;

namespace MacRunners.EndToEnd;

/// <summary>What cannot be removed is not passed over: the machine stops taking jobs until it is proven clean.</summary>
[Trait("platform", "macos")]
public class DirtyMachine
{
    [Fact]
    public async Task Without_Full_Disk_Access_the_machine_becomes_dirty_says_so_and_is_clean_again_after_a_restart_with_it()
    {
        await using var worker = await Worker.StartAsync("macos");
        await worker.ReadyAsync();
        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Add(new FaultRule { Tool = "dscl", TccDenied = true });

        var (job, report) = await worker.RunAsync("true");

        // The job itself is not to blame.
        Assert.Equal(0, job.ExitStatus);
        Assert.False(report["clean"]!.GetValue<bool>());
        Assert.Contains(report["remaining"]!.AsArray(), residue => residue!["detail"]!.GetValue<string>().Contains("Full Disk Access", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await worker.HealthIsAsync("unhealthy"));
        var waiting = worker.Queue("echo later");
        await worker.LoggedAsync("No job is taken: the machine is dirty");

        control.Clear();
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));
        Assert.Equal("scheduled", worker.Buildkite.ViewJob(waiting).State);
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, (await worker.EndedAsync(waiting)).ExitStatus);
        Assert.Equal(HttpStatusCode.OK, await worker.HealthIsAsync("healthy"));
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task An_account_that_may_not_be_deleted_is_of_no_use_and_goes_by_a_sweep_after_the_grant()
    {
        await using var worker = await Worker.StartAsync("macos");
        await worker.ReadyAsync();
        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Add(new FaultRule { Tool = "dscl", TccDenied = true });

        var (job, report) = await worker.RunAsync("true");

        var uid = Worker.Number(report["uid"]);
        var account = Assert.Single(worker.OpenJobs(), life => life.Job == Guid.Parse(job.Id)).Account!;
        Assert.Equal([account.Name, "*", $"{uid}", $"{uid}", "", account.Home, "/usr/bin/false"], Passwd(account.Name));
        Assert.False(Directory.Exists(account.Home));
        Assert.Contains(report["remaining"]!.AsArray(), residue =>
            residue!["detail"]!.GetValue<string>() == $"until it can be deleted, {account.Name} is neutralised: no shell, no password, no home; except, for they could not be changed: NFSHomeDirectory (refused)");
        Assert.Contains("is neutralised", worker.ConsoleText(), StringComparison.Ordinal);

        // A restart changes nothing as long as the right is missing.
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        await worker.UntilAsync(
            async () => (await worker.MacrunnersAsync("sweep")).Error.Contains("the machine stays dirty", StringComparison.Ordinal), "a sweep finds the account again", TimeSpan.FromMinutes(1));
        Assert.Equal("/usr/bin/false", Passwd(account.Name)[^1]);

        control.Clear();
        var swept = await worker.MacrunnersAsync("sweep");
        Assert.True(swept.ExitCode == 0, swept.Error);
        Assert.Empty(Passwd(account.Name));
        Assert.True(Worker.Number((await worker.RunAsync("true")).Report["uid"]) > uid);
        await worker.IsCleanAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_number_of_an_account_that_stays_is_given_to_nobody_with_the_journal_or_without(bool hasJournal)
    {
        await using var worker = await Worker.StartAsync("macos");
        await worker.ReadyAsync();
        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Add(new FaultRule { Tool = "dscl", Verb = "delete", TccDenied = true });
        var uid = Worker.Number((await worker.RunAsync("true")).Report["uid"]);
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));
        if (!hasJournal)
        {
            File.Delete(worker.JournalPath);
        }

        var given = new List<int>();
        for (var account = 0; account < 3; account++)
        {
            var (exitCode, made) = await Operator.AskAsync(worker, "account", "create");
            Assert.Equal(0, exitCode);
            given.Add(Worker.Number(made["uid"]));
        }

        Assert.DoesNotContain(uid, given);
        Assert.Equal(hasJournal, given.TrueForAll(number => number > uid));

        control.Clear();
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        await worker.ReadyAsync();
        await worker.IsCleanAsync();
    }

    [Theory]
    [InlineData("before:machineDirty:1")]
    [InlineData("after:machineDirty:1")]
    public async Task A_daemon_killed_when_its_machine_becomes_dirty_finds_that_out_again(string point)
    {
        await using var worker = await Worker.InstallAsync("macos", faulty: true);
        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Add(new FaultRule { Tool = "dscl", TccDenied = true });
        await worker.StartFaultyAsync(("FAULT_CRASH", point));
        await worker.KilledAsync();

        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        await worker.LoggedAsync("No job is taken: the machine is dirty");
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));

        control.Clear();
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        await worker.IsCleanAsync();
    }

    [Theory]
    [InlineData("before:machineClean:1")]
    [InlineData("after:machineClean:1")]
    public async Task A_daemon_killed_when_its_machine_is_proven_clean_proves_it_again_or_need_not(string point)
    {
        await using var worker = await Worker.InstallAsync("macos", faulty: true);
        var control = new EmulatorControl(worker.Machine.EmulatorRoot);
        control.Add(new FaultRule { Tool = "dscl", TccDenied = true });
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);
        await worker.LoggedAsync("No job is taken: the machine is dirty");
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(TestContext.Current.CancellationToken));

        control.Clear();
        await worker.StartFaultyAsync(("FAULT_CRASH", point));
        await worker.KilledAsync();
        await worker.Machine.StartDaemonAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, (await worker.RunAsync("true")).Job.ExitStatus);
        Assert.Equal(HttpStatusCode.OK, await worker.HealthIsAsync("healthy"));
        await worker.IsCleanAsync();
    }

    private static string[] Passwd(string name)
    {
        using var ask = Process.Start(new ProcessStartInfo("/usr/bin/getent", ["passwd", name]) { RedirectStandardOutput = true })!;
        var line = ask.StandardOutput.ReadToEnd().Trim();
        ask.WaitForExit();
        return line.Length == 0 ? [] : line.Split(':');
    }
}
