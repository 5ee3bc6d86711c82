using System.Diagnostics;
using MacRunners.Jobs.Journal;
using MacRunners.MacEmulator.Faults;

namespace MacRunners.EndToEnd;

/// <summary>Accounts about which something is not as the daemon left it: what it wrote down decides, and nobody else is hit.</summary>
public abstract class AccountScenarios(string platform)
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_an_earlier_job_s_number_still_owns_goes_at_the_next_start_and_the_number_is_not_used_again()
    {
        await using var worker = await Worker.StartAsync(platform);
        var earlier = Worker.Number((await worker.RunAsync("true")).Report["uid"]);
        Assert.Equal(0, await worker.Machine.StopDaemonAsync(Cancel));
        var (file, folder) = ($"/var/tmp/left-{earlier}", Path.Combine(worker.Machine.Homes, $"bk-left-{earlier}"));
        Run("install", "-o", $"{earlier}", "/dev/null", file);
        Run("install", "-d", "-o", $"{earlier}", folder);

        await worker.Machine.StartDaemonAsync(Cancel);
        await worker.ReadyAsync();

        Assert.Equal((false, false), (File.Exists(file), Directory.Exists(folder)));
        Assert.True(Worker.Number((await worker.RunAsync("true")).Report["uid"]) > earlier);
        await worker.IsCleanAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_crash_left_under_a_job_s_name_is_torn_down_before_its_account_is_made(bool isInTheJournal)
    {
        await using var worker = await Worker.InstallAsync(platform);
        var id = worker.Queue("""echo "uid=$(id -u)"; echo "name=$(id -un)"; cat "$HOME/left" && echo "adopted" """);
        var (made, residue) = await Operator.AskAsync(worker, "account", "create", "--job", id);
        Assert.Equal(0, made);
        var (name, uid) = (residue["name"]!.GetValue<string>(), Worker.Number(residue["uid"]));
        Run("install", "-o", $"{uid}", "/dev/null", Path.Combine(residue["home"]!.GetValue<string>(), "left"));
        using var process = Foreigner.Start((uint)uid);
        if (!isInTheJournal)
        {
            File.Delete(worker.JournalPath);
        }

        await worker.Machine.StartDaemonAsync(Cancel);
        var job = await worker.EndedAsync(id);

        Assert.Equal(name, Worker.Value(job, "name"));
        Assert.NotEqual($"{uid}", Worker.Value(job, "uid"));
        Assert.DoesNotContain("adopted", Worker.Printed(job));
        Assert.False(process.Lives);
        Assert.True(worker.Machine.Report(id)!["clean"]!.GetValue<bool>());
        await worker.IsCleanAsync();
    }

    [Fact]
    public async Task An_account_that_somebody_deletes_under_a_running_job_is_torn_down_by_what_was_written_down()
    {
        await using var worker = await Worker.StartAsync(platform);
        var gate = Path.Combine(worker.Machine.Folder, "gate");
        var id = worker.Queue($"""
            setsid sleep 600 </dev/null >/dev/null 2>&1 &
            touch "/var/tmp/left-$BUILDKITE_JOB_ID"
            echo "begins"
            until [ -e '{gate}' ]; do sleep 0.05; done
            """);
        await worker.PrintsAsync(id, "begins");
        var account = worker.OpenJobs().Single(life => life.Job == Guid.Parse(id)).Account!;
        Delete(worker, account.Name);
        Assert.NotEqual(0, Ask("getent", "passwd", account.Name).ExitCode);

        await File.WriteAllTextAsync(gate, "", Cancel);
        var job = await worker.EndedAsync(id);

        var report = worker.Machine.Report(id)!;
        Assert.Equal(0, job.ExitStatus);
        Assert.True(report["clean"]!.GetValue<bool>(), report.ToJsonString());
        var found = report["found"]!.AsArray().Select(residue => residue!["detail"]!.GetValue<string>()).ToList();
        Assert.Contains(found, detail => detail.EndsWith("(sleep)", StringComparison.Ordinal));
        Assert.Contains(found, detail => detail.EndsWith($"/var/tmp/left-{id}", StringComparison.Ordinal));
        await worker.IsCleanAsync();
    }

    [Theory]
    [InlineData("after:accountCreating:1")]
    [InlineData("after:accountCreated:1")]
    public async Task A_name_that_leads_to_another_number_makes_no_job_run_with_it_nor_teardown_hit_whose_it_is(string moment)
    {
        await using var worker = await Worker.InstallAsync(platform, faulty: true);
        var id = worker.Queue("""echo "uid=$(id -u)" """);
        await worker.HoldAsync(moment);
        var account = worker.Journal().OfType<AccountCreating>().Last(made => made.Job == Guid.Parse(id));
        using var other = Foreigner.Start(worker.Machine.Uids.Last);
        Renumber(worker, account.Name, other.Uid, account.Uid, account.Home);

        worker.GoOn();
        var job = await worker.EndedAsync(id);

        // Before the account is made, the name is taken by somebody who has processes, and Linux does not let them be deleted; macOS writes
        // the number anew. Afterwards what was written down counts.
        var runs = platform == "macos" || moment.Contains("Created", StringComparison.Ordinal);
        Assert.Equal(runs ? "Finished" : "NotStarted", worker.Machine.Report(id)!["outcome"]!.GetValue<string>());
        string[] printed = runs ? [$"uid={account.Uid}"] : [];
        Assert.Equal(printed, Worker.Printed(job).Where(line => line.StartsWith("uid=", StringComparison.Ordinal)));
        Assert.True(other.Lives);
        other.End();
        if (platform == "linux")
        {
            // Who still has processes is not deleted, whoever that is; now the machine can be proven clean.
            Assert.False(worker.Machine.Report(id)!["clean"]!.GetValue<bool>());
            Assert.Equal(0, (await Operator.VerbAsync(worker, "sweep")).ExitCode);
        }

        await worker.IsCleanAsync();
    }

    private void Delete(Worker worker, string name)
    {
        if (platform == "macos")
        {
            Run($"{worker.Machine.EmulatorRoot}/usr/bin/dscl", ".", "-delete", $"/Users/{name}");
            Run($"{worker.Machine.EmulatorRoot}/usr/bin/dscl", ".", "-delete", $"/Groups/{name}");
        }
        else
        {
            // By force: the account's processes live. The group goes with it.
            Run("userdel", "--force", name);
        }
    }

    private void Renumber(Worker worker, string name, int number, uint from, string home)
    {
        if (platform == "macos")
        {
            Run($"{worker.Machine.EmulatorRoot}/usr/bin/dscl", ".", "-create", $"/Users/{name}", "UniqueID", $"{number}");
        }
        else if (Ask("getent", "passwd", name).ExitCode == 0)
        {
            Run("usermod", "--uid", $"{number}", name);

            // Which usermod gives to the new number, too.
            Run("chown", "-R", $"{from}", home);
        }
        else
        {
            Run("useradd", "--no-log-init", "--no-create-home", "--user-group", "--uid", $"{number}", name);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        var (exitCode, output) = Ask(program, arguments);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)}: {exitCode} {output}");
    }

    private static (int ExitCode, string Output) Ask(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Trim());
    }
}

/// <summary>Real accounts of the host.</summary>
public class AccountsOnLinux() : AccountScenarios("linux");

/// <summary>The macOS code, over the emulator.</summary>
[Trait("platform", "macos")]
public class AccountsOnMacOS() : AccountScenarios("macos")
{
    [Fact]
    public async Task Look_ups_that_know_an_account_only_after_seconds_hold_its_job_back_until_they_do()
    {
        await using var worker = await Worker.StartAsync("macos");
        await worker.ReadyAsync();
        new EmulatorControl(worker.Machine.EmulatorRoot).Add(new FaultRule { Tool = "dscl", Verb = "create", LookupLagMs = 3000 });

        var (job, report) = await worker.RunAsync("""echo "uid=$(id -u)"; echo "name=$(id -un)" """);

        Assert.Equal((report["uid"]!.ToString(), report["account"]!.GetValue<string>()), (Worker.Value(job, "uid"), Worker.Value(job, "name")));
        await worker.IsCleanAsync();
    }
}
